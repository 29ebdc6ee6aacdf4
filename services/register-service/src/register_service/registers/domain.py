"""The rules of the attendance register, as functions of values.

Sources: School Attendance (Pupil Registration) (England) Regulations 2024, reg 10 (codes, entries,
amendments).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from attendance_contracts.calendar import Session
from attendance_contracts.codes import NUMBER_OF, Code, code_on

# An MIS writes "-" for "no mark recorded yet"; it is neither present nor absent.
NO_MARK_YET = frozenset({"", "-"})

NOT_GIVEN = "not given by source"


@dataclass(frozen=True, slots=True)
class Amendment:
    """Why an earlier mark changes, and who changes it (reg 10: reason, name and title)."""

    reason: str = NOT_GIVEN
    name: str = NOT_GIVEN
    title: str = NOT_GIVEN

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

    `taught` is None when the school has no calendar for that year.
    """

    school_id: UUID
    contact_codes: frozenset[str]
    taught: bool | None


@dataclass(frozen=True, slots=True)
class WrongMark:
    """A mark that cannot be kept: its place in the body, which field, and why."""

    position: int
    field: str
    detail: str


class WrittenMark(NamedTuple):
    """What the register now says of one pupil, beside what it said before.

    `code` is None when the push changed nothing.
    """

    position: int
    enrolment_id: UUID
    child_id: UUID
    previous: str | None
    code: str | None

    @property
    def changed(self) -> bool:
        """Whether the register says something new."""
        return self.code is not None and self.code != self.previous


@lru_cache(maxsize=1024)
def codes_allowed(day: date, session: Session) -> Mapping[str, Code]:
    """Return the codes that may stand in a register on a day, for a session."""
    found = (code_on(code, day) for code in NUMBER_OF)
    return {code.code: code for code in found if code is not None and session in code.sessions}


def check_marks(marks: Sequence[SentMark], day: date, session: Session) -> list[WrongMark]:
    """Find the marks whose code cannot stand in this session's register, each with its reason."""
    allowed = codes_allowed(day, session)
    wrong = [
        WrongMark(mark.position, "code", code_refusal(mark.code, day, session) or "")
        for mark in marks
        if mark.code not in allowed
    ]
    # A control character in a key could shift the columns in which the marks are written, and give
    # one child another's mark; no MIS has one in its keys.
    wrong += [
        WrongMark(mark.position, _FIELD_OF[mark.scheme], "A key is made of printable characters.")
        for mark in marks
        if not mark.key.isprintable()
    ]
    wrong += [
        WrongMark(mark.position, "reason", "Text cannot hold the character U+0000.")
        for mark in marks
        if mark.amendment is not None and mark.amendment.has_null
    ]
    seen: set[tuple[str, str]] = set()
    for mark in marks:
        key = (mark.scheme, mark.key)
        if key in seen:
            wrong.append(
                WrongMark(mark.position, "", "This pupil already has a mark in this body.")
            )
        seen.add(key)
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


def unresolved_marks(sent: Sequence[SentMark], written: Sequence[WrittenMark]) -> list[WrongMark]:
    """Find the sent marks that led to no pupil, or to one that another mark already named."""
    known = {mark.position for mark in written}
    detail = "No such pupil on this school's roll on that date, or named twice by different keys."
    return [
        WrongMark(mark.position, _FIELD_OF[mark.scheme], detail)
        for mark in sent
        if mark.position not in known
    ]


_FIELD_OF: Mapping[str, str] = {
    "UPN": "upn",
    "MIS_ID": "mis_id",
    "ENROLMENT_ID": "enrolment_id",
}


def warnings_for(marks: Sequence[SentMark], day: date, session: Session) -> list[WrongMark]:
    """Find accepted marks that somebody should look at: withdrawn codes that feeds still send."""
    allowed = codes_allowed(day, session)
    return [
        WrongMark(mark.position, "code", allowed[mark.code].warning or "")
        for mark in marks
        if mark.code in allowed and allowed[mark.code].warning
    ]
