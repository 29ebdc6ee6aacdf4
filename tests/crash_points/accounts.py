"""The account of a school day: what was lost, what was repeated, what is missing.

Everything is counted from the day's own story, in each service's tables and at the provider. No
figure of one service is taken for the truth of another.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
from school_day import DAY, Child

from attendance_contracts.calendar import Session, slot
from attendance_contracts.codes import NUMBER_OF

_AM: Final = slot(DAY, Session.AM)
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Account:
    """What is wrong with a day, a sentence for each fault."""

    lost: Sequence[str] = ()
    repeated: Sequence[str] = ()
    missing: Sequence[str] = ()

    @property
    def faults(self) -> list[str]:
        """All sentences."""
        return [*self.lost, *self.repeated, *self.missing]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a day's children, everywhere."""

    marks: Mapping[UUID, str]
    revisions: Mapping[UUID, int]
    absences: Mapping[UUID, str]
    projected: Mapping[UUID, tuple[int, int]]
    decisions: Mapping[UUID, Sequence[str]]
    cases: Mapping[UUID, int]
    copied_cases: Mapping[UUID, int]
    told: Mapping[str, Sequence[str]]
    summed_too_often: int
    dead_letters: int


def account(children: Iterable[Child], kept: Kept) -> Account:
    """Compare what is kept with what the day's story asks for."""
    lost: list[str] = []
    repeated: list[str] = []
    missing: list[str] = []
    for child in children:
        story, who = child.story, child.enrolment_id
        if kept.marks.get(who) != story.codes[1]:
            lost.append(f"{who}: the mark says {kept.marks.get(who)}, sent was {story.codes[1]}")
        counted = (
            ("revisions", kept.revisions.get(who, 0), int(story.corrected)),
            ("sessions counted", kept.projected.get(who, (0, 0))[1], 1),
            ("cases", kept.cases.get(who, 0), story.decisions.count("met")),
            ("cases shown", kept.copied_cases.get(who, 0), story.decisions.count("met")),
        )
        for what, found, owed in counted:
            (repeated if found > owed else missing).extend(
                [f"{who}: {found} {what}, owed {owed}"] * (found != owed)
            )
        for what, found_all, owed_all in (
            ("told", kept.told.get(child.address, ()), story.told),
            ("decided", kept.decisions.get(who, ()), story.decisions),
        ):
            repeated += [f"{who}: {what} {one} again" for one in _surplus(found_all, owed_all)]
            missing += [f"{who}: never {what} {one}" for one in _surplus(owed_all, found_all)]
        missing += _wrongly_shown(child, kept)
    off = kept.summed_too_often
    (repeated if off > 0 else missing).extend([f"{off} sessions in schools' totals"] * bool(off))
    missing += [f"{kept.dead_letters} dead letters"] * bool(kept.dead_letters)
    return Account(lost, repeated, missing)


def _surplus(found: Sequence[str], owed: Sequence[str]) -> list[str]:
    return list((Counter(found) - Counter(owed)).elements())


def _wrongly_shown(child: Child, kept: Kept) -> list[str]:
    code = child.story.codes[1]
    absence = code if code != "/" else None
    shown = kept.projected.get(child.enrolment_id, (0, 0))[0]
    faults = []
    if kept.absences.get(child.enrolment_id) != absence:
        faults.append(f"{child.enrolment_id}: the ledger of absences does not say {absence}")
    if shown != NUMBER_OF[code]:
        faults.append(f"{child.enrolment_id}: reporting shows code number {shown}, not {code}")
    return faults


async def _pairs(
    database: asyncpg.Connection, statement: str, ids: Sequence[UUID]
) -> dict[UUID, Any]:
    """Return what a statement says of each child: rows of an id and a value."""
    return {row[0]: row[1] for row in await database.fetch(statement, ids)}


async def read_kept(
    databases: Mapping[str, asyncpg.Connection], sandbox_url: str, children: Sequence[Child]
) -> Kept:
    """Read what is kept of these children."""
    ids = [child.enrolment_id for child in children]
    decisions: dict[UUID, list[str]] = {}
    for who, kind in await databases["escalation"].fetch(_DECISIONS, ids):
        decisions.setdefault(who, []).append(kind)
    years = await databases["reporting"].fetch(_YEARS, ids)
    return Kept(
        marks=await _pairs(databases["register"], _MARKS, ids),
        revisions=await _pairs(databases["register"], _REVISIONS, ids),
        absences=await _pairs(databases["escalation"], _ABSENCES, ids),
        projected={row["enrolment_id"]: (row["marks"][_AM], row["sessions"]) for row in years},
        decisions=decisions,
        cases=await _pairs(databases["escalation"], _CASES, ids),
        copied_cases=await _pairs(databases["reporting"], _CASES, ids),
        told=await _told(sandbox_url, {child.address for child in children}),
        summed_too_often=await databases["reporting"].fetchval(_SUMMED_TOO_OFTEN),
        dead_letters=sum(
            [await one.fetchval("SELECT count(*) FROM dead_letter") for one in databases.values()]
        ),
    )


async def _told(sandbox_url: str, addresses: set[str]) -> dict[str, list[str]]:
    """Ask the provider what each address was sent."""
    told: dict[str, list[str]] = {}
    async with httpx.AsyncClient() as http:
        for address in sorted(addresses):
            answer = await http.get(
                f"{sandbox_url}/sandbox/messages", params={"recipient": address, "limit": _PAGE}
            )
            found: list[dict[str, Any]] = answer.raise_for_status().json()["messages"]
            told[address] = [message["template"] for message in reversed(found)]
    return told


_MARKS: Final = "SELECT enrolment_id, code FROM marks WHERE enrolment_id = ANY($1)"
_REVISIONS: Final = (
    "SELECT enrolment_id, count(*) FROM mark_revisions WHERE enrolment_id = ANY($1) GROUP BY 1"
)
_ABSENCES: Final = "SELECT enrolment_id, code FROM absence_marks WHERE enrolment_id = ANY($1)"
_DECISIONS: Final = "SELECT enrolment_id, kind FROM decisions WHERE enrolment_id = ANY($1)"
_CASES: Final = "SELECT enrolment_id, count(*) FROM cases WHERE enrolment_id = ANY($1) GROUP BY 1"
_YEARS: Final = """
    SELECT enrolment_id, marks, attended + authorised + unauthorised AS sessions
    FROM enrolment_years WHERE enrolment_id = ANY($1)
"""
_SUMMED_TOO_OFTEN: Final = """
    SELECT coalesce((SELECT sum(attended + authorised + unauthorised) FROM school_years), 0)
        - coalesce((SELECT sum(attended + authorised + unauthorised) FROM enrolment_years), 0)
"""
