"""What register-service tells: registers, absences, roll, schools, calendars and care."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from attendance_contracts.calendar import Session
from attendance_contracts.events.event_type import event
from attendance_contracts.topics import ABSENCES, CARE, REGISTERS, ROLL, SCHOOLS


@event("uk.firstday.register.recorded.v1", topic=REGISTERS, key="school_id")
class RegisterRecorded:
    """One accepted submission for a session: every new or changed mark, in columns of equal length.

    A re-sent register that changes nothing says nothing. An amendment of a single mark is a
    submission of one row. Marks may come before their session begins: they are planned, and count
    from `begins_at` on (by the school's settings of now; None in events of before). Without a
    code, a mark was taken back: none stands for that pupil.
    """

    school_id: UUID
    date: dt.date
    session: Session
    recorded_at: dt.datetime
    enrolments: tuple[UUID, ...]
    codes: tuple[str | None, ...]
    previous: tuple[str | None, ...] | None
    minutes_late: tuple[int | None, ...] | None
    begins_at: dt.datetime | None = None


@event("uk.firstday.register.missing.v1", topic=REGISTERS, key="school_id")
class RegisterMissing:
    """A session's register had not arrived by the time it was due.

    A later `register.recorded` for the same session is the answer to it.
    """

    school_id: UUID
    date: dt.date
    session: Session
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Absence:
    school_id: UUID
    date: dt.date
    session: Session
    recorded_at: dt.datetime
    enrolments: tuple[UUID, ...]
    children: tuple[UUID, ...]


@event("uk.firstday.absence.recorded.v1", topic=ABSENCES, key="school_id")
class AbsenceRecorded(_Absence):
    """Children were marked absent for a session, in columns of equal length, never with a code."""

    state: Literal["unexplained", "explained"]


@event("uk.firstday.absence.explained.v1", topic=ABSENCES, key="school_id")
class AbsenceExplained(_Absence):
    """Unexplained absences got a reason; the children are still absent."""

    state: Literal["explained"] = "explained"


@event("uk.firstday.absence.settled.v1", topic=ABSENCES, key="school_id")
class AbsenceSettled(_Absence):
    """Nobody gave a reason, and nobody is to be told: the office settled each absence by name.

    It gave O to follow N, at a school that asks for contact about N alone.
    """

    state: Literal["settled"] = "settled"


@event("uk.firstday.absence.retracted.v1", topic=ABSENCES, key="school_id")
class AbsenceRetracted(_Absence):
    """The marks that said so were taken back: no mark says now where the children are."""

    state: Literal["retracted"] = "retracted"


@event("uk.firstday.absence.withdrawn.v1", topic=ABSENCES, key="school_id")
class AbsenceWithdrawn(_Absence):
    """The children were not absent after all, arrived, or were not expected; nobody need look.

    Not expected: the session was not held, or they were not on roll that day.
    """

    state: Literal["withdrawn"] = "withdrawn"


# Among the absences, since it matters to whoever looks for somebody to tell of one.
@event("uk.firstday.contacts.changed.v1", topic=ABSENCES, key="school_id")
class ContactsChanged:
    """Somebody may be told of each child's absence who could not be, or not there, before.

    It does not say who, nor how: that is asked of the register at the moment of telling.
    """

    school_id: UUID
    recorded_at: dt.datetime
    enrolments: tuple[UUID, ...]


@event("uk.firstday.enrolment.changed.v1", topic=ROLL, key="enrolment_id")
class EnrolmentChanged:
    """A child's place at a school began, ended, or moved to another year group or class."""

    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    starts_on: dt.date
    ends_on: dt.date | None
    year_group: str
    class_code: str
    status: Literal["main", "subsidiary"]
    version: int


@event("uk.firstday.school.changed.v1", topic=SCHOOLS, key="school_id")
class SchoolChanged:
    """A school is new, or one of its settings changed."""

    school_id: UUID
    urn: str
    name: str
    phase: str
    authority_code: str
    trust: str | None
    mis_supplier: str | None
    am_starts_at: dt.time
    pm_starts_at: dt.time
    register_open_minutes: int
    contact_grace_minutes: int
    hours_per_day: float
    contact_codes: tuple[str, ...]
    attendance_lead: str | None
    version: int
    quiet_from: dt.time = dt.time(20)
    quiet_until: dt.time = dt.time(8)
    register_missing_after_minutes: int | None = None


@event(
    "uk.firstday.calendar.changed.v1",
    topic=SCHOOLS,
    key="school_id",
    compaction="{0.school_id}/calendar/{0.school_year}",
)
class CalendarChanged:
    """A school's sessions for one school year were set or changed; it names all of them."""

    school_id: UUID
    school_year: int
    slots: tuple[int, ...]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CareStatus:
    """One status of a child in care of, or known to, an authority, with who works with them."""

    kind: str
    authority_code: str
    worker: str | None
    team: str | None
    valid_from: dt.date
    valid_to: dt.date | None


@event("uk.firstday.care.changed.v1", topic=CARE, key="child_id")
class CareChanged:
    """A child's care statuses or their allocated worker changed; it names all that are known."""

    child_id: UUID
    statuses: tuple[CareStatus, ...]
    version: int
