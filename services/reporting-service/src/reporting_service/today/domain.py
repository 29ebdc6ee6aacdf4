"""A school's day: which registers are in, what they say, and whose family nobody could tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias
from uuid import UUID

from attendance_contracts.calendar import Session, london_date, school_year, slot
from attendance_contracts.codes import (
    BY_NUMBER,
    MAY_ASK_FOR_CONTACT,
    NO_MARK,
    UNEXPLAINED,
    PhysicalState,
)
from attendance_contracts.counting import OnRoll
from attendance_contracts.events import ContactExhausted, ContactSent
from reporting_service.projection.domain import AHEAD, CODE, TO_COME
from reporting_service.schools.domain import School


class RegisterState(StrEnum):
    """How far a class's register of a session has come."""

    NO_SESSION = "no session"
    AWAITED = "awaited"
    NOT_TAKEN = "not taken"
    PARTLY_TAKEN = "partly taken"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class MarksOfClass:
    """How many children of a class, all on roll on the same days, have one mark in a session.

    Attributes:
        mark: the byte of the mark, 0 for none.
    """

    class_code: str
    on_roll: OnRoll
    session: Session
    mark: int
    children: int


@dataclass(frozen=True, slots=True)
class SessionCounts:
    """Children on the roll of a class, or of a school, in one session.

    Attributes:
        expected: on roll that day.
        marked: with a mark that counts.
        planned: with a mark, while the session is still to come.
        looked_for: with a mark that shows it, planned or not: one that nobody entered beforehand.
        present: in school, on time.
        late: in school, arrived late, before or after the register closed.
        elsewhere: educated off site, or due at another school.
        absent: away, for whatever reason; the unexplained are among them.
        unexplained: absent for a reason not yet established (code N).
        not_required: nobody expects them, the site being shut for instance.
    """

    expected: int = 0
    marked: int = 0
    planned: int = 0
    looked_for: int = 0
    present: int = 0
    late: int = 0
    elsewhere: int = 0
    absent: int = 0
    unexplained: int = 0
    not_required: int = 0

    def __add__(self, other: "SessionCounts") -> "SessionCounts":
        return SessionCounts(
            *(
                getattr(self, name) + getattr(other, name)
                for name in SessionCounts.__dataclass_fields__
            )
        )


@dataclass(frozen=True, slots=True)
class ClassSession:
    """One class's session: the state of its register, and its counts."""

    session: Session
    register: RegisterState
    counts: SessionCounts


@dataclass(frozen=True, slots=True)
class ClassToday:
    """One class's day."""

    class_code: str
    sessions: Sequence[ClassSession]


FamilyDay: TypeAlias = tuple[UUID, date, UUID]
"""A school, a day, and an enrolment there."""


class Untold(NamedTuple):
    """Nobody could tell the family of a child, since this moment."""

    child_id: UUID
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UntoldFamily:
    """A child whose family nobody could tell of an absence.

    Attributes:
        marks: the bytes of the day's marks in sessions that are the child's, 0 for none.
    """

    enrolment_id: UUID
    child_id: UUID
    class_code: str
    untold_since: datetime
    marks: Sequence[int] = ()

    @property
    def is_unaccounted_for(self) -> bool:
        """Whether some mark of the day still leaves open where the child is."""
        codes = (BY_NUMBER[one & CODE] for one in self.marks if one and not one & TO_COME)
        return any(code.code in MAY_ASK_FOR_CONTACT for code in codes)


def last_words(
    events: Iterable[ContactExhausted | ContactSent],
) -> dict[FamilyDay, Untold | None]:
    """Return what was said last of each family's day: untold since when, or (None) told.

    Of messages only a first one counts: a correction tells nobody of an absence.
    """
    words: dict[FamilyDay, Untold | None] = {}
    for event in events:
        if isinstance(event, ContactSent) and event.kind != "first":
            continue
        for enrolment, child in zip(event.enrolments, event.children, strict=True):
            told = isinstance(event, ContactSent)
            words[event.school_id, event.date, enrolment] = (
                None if told else Untold(child, event.recorded_at)
            )
    return words


def classes_today(
    school: School, taught: Sequence[int], marks: Iterable[MarksOfClass], now: datetime
) -> list[ClassToday]:
    """Count each class's day; `taught` are the slots of the school year's sessions.

    Children are counted who are on roll today, and their marks in sessions that are held.
    """
    counts: dict[str, dict[Session, SessionCounts]] = {}
    today = london_date(now)
    for row in marks:
        if today in row.on_roll:
            day = counts.setdefault(row.class_code, dict.fromkeys(Session, SessionCounts()))
            is_held = slot(today, row.session) in taught
            day[row.session] += _counts_of(row.mark if is_held else NO_MARK, row.children)
    return [
        ClassToday(
            code,
            [
                ClassSession(one, _state(school, taught, one, day[one], now=now), day[one])
                for one in Session
            ],
        )
        for code, day in sorted(counts.items())
    ]


def school_total(classes: Iterable[ClassToday]) -> Mapping[Session, SessionCounts]:
    """Add the classes up, session by session."""
    total = dict.fromkeys(Session, SessionCounts())
    for one in classes:
        for session in one.sessions:
            total[session.session] += session.counts
    return total


def still_missing(
    noticed: Mapping[Session, datetime], classes: Iterable[ClassToday]
) -> dict[Session, datetime | None]:
    """Tell since when each session's register is missing; the first child looked for ends it.

    The marks decide, and not which of the two events came first. A session that is no longer held
    misses nothing.
    """
    of_classes = [(one.session, one) for of in classes for one in of.sessions]
    answered = {
        session
        for session, one in of_classes
        if one.counts.looked_for or one.register is RegisterState.NO_SESSION
    }
    return {one: None if one in answered else noticed.get(one) for one in Session}


def _counts_of(mark: int, children: int) -> SessionCounts:
    if mark == NO_MARK:
        return SessionCounts(expected=children)

    def counted(applies: bool) -> int:  # noqa: FBT001
        return children if applies else 0

    looked_for = counted(not mark & AHEAD)
    if mark & TO_COME:
        return SessionCounts(expected=children, planned=children, looked_for=looked_for)
    code = BY_NUMBER[mark & CODE]
    return SessionCounts(
        expected=children,
        marked=children,
        looked_for=looked_for,
        present=counted(code.physical is PhysicalState.PRESENT),
        late=counted(code.physical is PhysicalState.LATE),
        elsewhere=counted(code.physical is PhysicalState.ELSEWHERE),
        absent=counted(code.physical is PhysicalState.ABSENT),
        unexplained=counted(code.code in UNEXPLAINED),
        not_required=counted(code.physical is PhysicalState.NOT_REQUIRED),
    )


def _state(
    school: School, taught: Sequence[int], session: Session, counts: SessionCounts, *, now: datetime
) -> RegisterState:
    today = london_date(now)
    place = slot(today, session)
    if place not in taught:
        return RegisterState.NO_SESSION
    if counts.looked_for:
        whole = counts.marked + counts.planned == counts.expected
        return RegisterState.TAKEN if whole else RegisterState.PARTLY_TAKEN
    if place < school.closed_before(school_year(today), now):
        return RegisterState.NOT_TAKEN
    return RegisterState.AWAITED
