"""The message templates: texts with `((placeholders))` that a request's personalisation fills.

The catalogue is a JSON list of `{"id", "name", "type", "subject", "body"}`; the project's own is
`templates.json` beside this file, and its ids are the constants below.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from notify_sandbox.errors import bad_request

Kind = Literal["sms", "email"]

FIRST_CONTACT_SMS = "8dc313de-1ec6-44da-8836-120cae87d38a"
FIRST_CONTACT_EMAIL = "0a4dd6e2-a3f6-46fb-ac1b-3b6674cf2c0e"
FIRST_CONTACT_SIBLINGS_SMS = "b5688c66-e992-4eed-8b37-a0c7cec69b61"
FIRST_CONTACT_SIBLINGS_EMAIL = "136d13f5-f8d5-40da-9339-622ad07a7623"
CORRECTION_SMS = "91aabf29-4672-46c8-96e7-97125cae48db"
CORRECTION_EMAIL = "0a0e3b44-e4ec-40fc-9cf3-f96ebb833c8a"
CORRECTION_SIBLINGS_SMS = "c9840eed-f395-4293-ba9c-d34e13da677e"
CORRECTION_SIBLINGS_EMAIL = "f8a15ad7-98bd-4580-895f-c72cf00f1a42"

OWN_CATALOGUE = Path(__file__).with_name("templates.json")
SMS_CHARACTERS = 918
_PLACEHOLDER = re.compile(r"\(\(([^()]+)\)\)")
_FOLD = str.maketrans("", "", " -_")
_YES = frozenset({"yes", "y", "true", "t", "1", "include", "show"})


class _Entry(msgspec.Struct):
    id: str
    name: str
    type: Kind
    body: str
    subject: str | None = None


class Text:
    """A text with placeholders, taken apart once so that filling it in is one join.

    `((name))` becomes the value, `((name??words))` the words if the value means yes.
    Names match whatever their case, spaces, dashes and underscores, as in Notify.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        # re.split with one group gives words, placeholder, words, placeholder, …, words
        self._pieces = _PLACEHOLDER.split(text)
        self.placeholders = tuple(
            dict.fromkeys(body.partition("??")[0] for body in self._pieces[1::2])
        )

    def fill(self, values: Mapping[str, object], *, bullets: bool) -> str:
        """The text with every placeholder replaced; lists become bullets or a sentence's list."""
        pieces = self._pieces.copy()
        for at in range(1, len(pieces), 2):
            name, conditional, words = pieces[at].partition("??")
            value = values.get(folded(name))
            if conditional:
                pieces[at] = words if str(value).lower() in _YES else ""
            elif isinstance(value, list):
                pieces[at] = _listed([str(item) for item in value if item is not None], bullets)
            else:
                pieces[at] = str(value)
        return "".join(pieces)


class Template:
    """One template of the service, version 1 as long as the sandbox runs."""

    version = 1

    def __init__(self, entry: _Entry) -> None:
        self.id = entry.id
        self.name = entry.name
        self.kind: Kind = entry.type
        self.body = Text(entry.body)
        self.subject = Text(entry.subject) if entry.subject is not None else None
        texts = [self.subject, self.body] if self.subject else [self.body]
        self.placeholders = tuple(dict.fromkeys(n for text in texts for n in text.placeholders))

    def fill(self, personalisation: Mapping[str, object]) -> tuple[str | None, str]:
        """Subject and body for one recipient; refused (400) when a value is missing or too long."""
        values = {folded(name): value for name, value in personalisation.items()}
        absent = [name for name in self.placeholders if values.get(folded(name)) is None]
        if absent:
            raise bad_request("Missing personalisation: " + ", ".join(absent))
        body = self.body.fill(values, bullets=self.kind == "email")
        if self.kind == "sms" and len(body) > SMS_CHARACTERS:
            raise bad_request(
                "Your message is too long. Text messages cannot be longer than "
                f"{SMS_CHARACTERS} characters. Your message is {len(body)} characters long."
            )
        subject = self.subject.fill(values, bullets=False) if self.subject else None
        return subject, body


class Catalogue:
    """The service's templates by id, in the order of the document."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._by_id = {template.id: template for template in templates}

    @classmethod
    def read(cls, path: Path = OWN_CATALOGUE) -> "Catalogue":
        """Read a catalogue document; msgspec.ValidationError names what is wrong in it."""
        entries = msgspec.json.decode(path.read_bytes(), type=list[_Entry])
        return cls(Template(entry) for entry in entries)

    def get(self, template_id: str) -> Template | None:
        """The template, or None when the service has no such id."""
        return self._by_id.get(template_id)

    def of_kind(self, kind: str | None) -> list[Template]:
        """All templates, or those of one channel."""
        return [one for one in self._by_id.values() if kind in (None, one.kind)]


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """How placeholder names are compared: `First Name` and `first_name` are `firstname`."""
    return name.lower().translate(_FOLD)


def _listed(items: list[str], bullets: bool) -> str:  # noqa: FBT001 - private, one caller
    if bullets:
        return "\n\n" + "\n".join(f"* {item}" for item in items)
    return " and ".join(part for part in (", ".join(items[:-1]), *items[-1:]) if part)
