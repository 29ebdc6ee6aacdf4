"""What families were really sent: the sandbox's messages, read as a parent would read them."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final, Literal, NamedTuple

from attendance_testing.platform import Platform
from notify_sandbox.templates import OWN_CATALOGUE

_PAGE: Final = 1000
_PLACE: Final = re.compile(r"\(\(([^()]+)\)\)")
_BETWEEN: Final = re.compile(r", | and |\n?\* |\n")


class Unreadable(Exception):
    """A message does not read like any of the templates."""


class Subject(NamedTuple):
    """What a message is about: one child named to one person, by which school, of which day."""

    recipient: str
    school: str
    day: str
    forename: str


class Told(NamedTuple):
    """A subject, told for the first time or put right."""

    subject: Subject
    kind: Literal["first", "correction"]


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything that was sent.

    Attributes:
        told: the real moments (seconds since 1970) at which each subject was told.
        messages: how many texts and e-mails that took; siblings share one.
        statuses: how many messages ended how, `delivered` for instance.
        receipts: what became of the delivery receipts.
        repeated: references under which more than one message was accepted.
    """

    told: Mapping[Told, Sequence[float]]
    messages: int
    statuses: dict[str, int]
    receipts: dict[str, int]
    repeated: int


def day_in_words(day: date) -> str:
    """Return a day as messages write it: Monday 23 November."""
    return f"{day:%A} {day.day} {day:%B}"


def recipient_of(mobile: str | None, email: str | None) -> str:
    """Return where a person is reached: the mobile in international form, else the address."""
    return f"44{mobile.removeprefix('0')}" if mobile else (email or "").lower()


def children_named(template_id: str, body: str) -> Iterator[tuple[str, str, str]]:
    """Yield school, day and forename of each child a message is about.

    Raises `Unreadable` when the message does not read like its template.
    """
    pattern = _patterns().get(template_id)
    found = pattern.fullmatch(body) if pattern else None
    if found is None:
        raise Unreadable(f"A message of the template {template_id} does not read like it.")
    said = found.groupdict()
    for forename in _BETWEEN.split(said.get("child") or said["children"]):
        if forename:
            yield said["school"], said["date"], forename


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return what each template's messages look like, by the template's id."""
    templates = json.loads(OWN_CATALOGUE.read_text())
    return {template["id"]: _pattern(template["body"]) for template in templates}


def _pattern(body: str) -> re.Pattern[str]:
    """Turn a template into a pattern; a place named twice must hold the same words twice."""
    pieces = _PLACE.split(body)  # words, place, words, …, words
    seen: set[str] = set()
    for at in range(1, len(pieces), 2):
        name = pieces[at]
        pieces[at] = f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
        seen.add(name)
    pieces[::2] = map(re.escape, pieces[::2])
    return re.compile("".join(pieces), re.DOTALL)


async def read_inbox(platform: Platform) -> Inbox:
    """Read every message the sandbox has accepted."""
    url = platform.stack.sandbox.url
    told: defaultdict[Told, list[float]] = defaultdict(list)
    before: int | None = None
    while True:
        query = {"limit": _PAGE} | ({"before": before} if before is not None else {})
        page = (await platform.http.get(f"{url}/sandbox/messages", params=query)).json()
        for message in page["messages"]:
            kind: Literal["first", "correction"] = (
                "first" if message["template"].startswith("first") else "correction"
            )
            at = datetime.fromisoformat(message["created_at"]).timestamp()
            for about in children_named(message["template_id"], message["body"]):
                told[Told(Subject(message["recipient"].lower(), *about), kind)].append(at)
        before = page["next"]
        if before is None:
            break
    counts = (await platform.http.get(f"{url}/sandbox/counts")).json()
    return Inbox(
        told=told,
        messages=counts["messages"],
        statuses=counts["status"],
        receipts=counts["receipts_posted"],
        repeated=counts["repeated_references"],
    )
