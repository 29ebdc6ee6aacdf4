"""The rules of the attendance register, as functions of values.

Sources: School Attendance (Pupil Registration) (England) Regulations 2024, reg 10 (codes, entries,
amendments).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from attendance_contracts.calendar import Session
from attendance_contracts.codes import NUMBER_OF, Code, code_on
from register_service.absences.domain import NOT_GIVEN, Entry
from register_service.roll.domain import Pupil

# An MIS writes "-" for "no mark recorded yet"; it is neither present nor absent.
NO_MARK_YET = frozenset({"", "-"})


@dataclass(frozen=True, slots=True)
class Amendment:
    """Why an earlier mark changes, and who changes it (reg 10: reason, name and title)."""

    reason: str = NOT_GIVEN
    name: str = NOT_GIVEN
    title: str = NOT_GIVEN

    @property
    def by_name(self) -> bool:
        """Whether it says who amends."""
        return self.name != NOT_GIVEN

    @property
    def has_null(self) -> bool:
        """Whether a text holds U+0000, which PostgreSQL cannot keep."""
        return "\0" in self.reason + self.name + self.title


# Tuples where there is one for each mark: a frozen dataclass takes three times as long to make.
class SentMark(NamedTuple):
    """One mark as a source sent it: its place in the body, one of the pupil's keys, and a code."""

    position: int
    scheme: str
    key: str
    code: str
    minutes_late: int | None = None
    amendment: Amendment | None = None


@dataclass(frozen=True, slots=True)
class SessionAt:
    """A session of a day at a school, named by its URN."""

    urn: str
    day: date
    session: Session


@dataclass(frozen=True, slots=True)
class SchoolSession:
    """What a school's settings and calendar say of one session.

    `roll_version` names the state of its roll; `taught` is None when the school has no calendar for
    that year; `begins_at` is the session's first moment, in UTC.
    """

    school_id: UUID
    roll_version: UUID
    contact_codes: frozenset[str]
    taught: bool | None
    begins_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WrongMark:
    """A mark that cannot be kept: its place in the body, which field, and why."""

    position: int
    field: str
    detail: str


class ChangedMark(NamedTuple):
    """What the register newly says of one pupil, and all that it said before, oldest first.

    `by_name` tells whether the register keeps who gave the new code.
    """

    enrolment_id: UUID
    child_id: UUID
    previous: str | None
    code: str
    by_name: bool = False
    history: Sequence[Entry] = ()


@lru_cache(maxsize=1024)
def codes_allowed(day: date, session: Session) -> Mapping[str, Code]:
    """Return the codes that may stand in a register on a day, for a session."""
    found = (code_on(code, day) for code in NUMBER_OF)
    return {code.code: code for code in found if code is not None and session in code.sessions}


def check_marks(marks: Sequence[SentMark], day: date, session: Session) -> list[WrongMark]:
    """Find the marks that cannot stand in this session's register, each with its reason."""
    wrong: list[WrongMark] = []
    # Asked of all at once first, since nearly every register is right in all its marks.
    if not {mark.code for mark in marks} <= codes_allowed(day, session).keys():
        refusals = [(mark, code_refusal(mark.code, day, session)) for mark in marks]
        wrong += [WrongMark(mark.position, "code", why) for mark, why in refusals if why]
    wrong += [
        WrongMark(mark.position, "reason", "Text cannot hold the character U+0000.")
        for mark in marks
        if mark.amendment is not None and mark.amendment.has_null
    ]
    if len({(mark.scheme, mark.key) for mark in marks}) < len(marks):
        first = {(mark.scheme, mark.key): mark for mark in reversed(marks)}
        wrong += [
            WrongMark(mark.position, "", "This pupil already has a mark in this body.")
            for mark in marks
            if first[mark.scheme, mark.key] is not mark
        ]
    return wrong


def code_refusal(code: str, day: date, session: Session) -> str | None:
    """Say why a code cannot stand in a session's register on a day, or None if it can."""
    other = Session.PM if session is Session.AM else Session.AM
    if code in codes_allowed(day, session):
        return None
    if code in codes_allowed(day, other):
        return f"This code does not belong in a {session} register."
    if code in NUMBER_OF:
        return "This code was not in force on that date."
    return "There is no such attendance code."


def name_pupils(
    marks: Sequence[SentMark], rolls: Sequence[Mapping[str, Sequence[Pupil]]]
) -> list[Pupil | None]:
    """Find the pupil that each mark names, on the first roll that knows its key.

    `rolls` hold the pupils on roll that day, by the scheme of their keys. None stands for a key
    that leads to nobody, to two pupils, or to one whom an earlier mark named by another key.
    """
    known = [{scheme: _by_key(pupils) for scheme, pupils in roll.items()} for roll in rolls]
    named = [known[0][mark.scheme].get(mark.key) for mark in marks]
    for roll in known[1:]:
        named = [
            pupil or roll[mark.scheme].get(mark.key)
            for mark, pupil in zip(marks, named, strict=True)
        ]
    if len({pupil.enrolment_id.bytes for pupil in named if pupil}) == len(named):
        return named  # as nearly always
    seen: set[bytes] = set()
    for place, pupil in enumerate(named):
        if pupil is not None and pupil.enrolment_id.bytes in seen:
            named[place] = None
        elif pupil is not None:
            seen.add(pupil.enrolment_id.bytes)
    return named


def _by_key(pupils: Sequence[Pupil]) -> dict[str | None, Pupil]:
    """Say who goes by each key; one that two share names neither."""
    by_key = {pupil.key: pupil for pupil in pupils}
    if len(by_key) == len(pupils):
        return by_key
    holders = Counter(pupil.key for pupil in pupils)
    return {key: pupil for key, pupil in by_key.items() if holders[key] == 1}


def missing_pupils(expected: Sequence[Pupil], named: Sequence[Pupil]) -> list[UUID]:
    """Find which of the pupils on roll have no mark among these."""
    marked = {pupil.enrolment_id.bytes for pupil in named}
    missing = {
        pupil.enrolment_id.bytes: pupil.enrolment_id
        for pupil in expected
        if pupil.enrolment_id.bytes not in marked
    }
    return list(missing.values())


def unnamed_marks(sent: Sequence[SentMark], pupils: Sequence[Pupil | None]) -> list[WrongMark]:
    """Point at the marks that name no pupil."""
    if None not in pupils:
        return []
    detail = "No such pupil on this school's roll on that date, or named twice by different keys."
    return [
        WrongMark(mark.position, _FIELD_OF[mark.scheme], detail)
        for mark, pupil in zip(sent, pupils, strict=True)
        if pupil is None
    ]


_FIELD_OF: Mapping[str, str] = {
    "UPN": "upn",
    "MIS_ID": "mis_id",
    "ENROLMENT_ID": "enrolment_id",
}


def warnings_for(marks: Sequence[SentMark], day: date, session: Session) -> list[WrongMark]:
    """Find accepted marks that somebody should look at: withdrawn codes that feeds still send."""
    warnings = {
        name: code.warning for name, code in codes_allowed(day, session).items() if code.warning
    }
    return [
        WrongMark(mark.position, "code", warnings[mark.code])
        for mark in marks
        if mark.code in warnings
    ]
