"""The values of a generated authority: schools, children, enrolments, contacts, registers.

Keys are small whole numbers that live only inside one generated authority. What a school's own
system would send (URN, UPN, MIS id, class code) stands beside them.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cached_property

from attendance_contracts.calendar import Session
from demo_authority.authority.calendar import CalendarPlan
from demo_authority.authority.figures import AuthorityFigures, Phase

WHOLE_WEEK = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class SchoolSettings:
    """When sessions start and how long a register stays open."""

    am_starts_at: time
    pm_starts_at: time
    register_open_minutes: int
    contact_grace_minutes: int
    hours_per_day: float


@dataclass(frozen=True, slots=True)
class School:
    """A generated school. The URN and establishment number lie outside the ranges in real use."""

    urn: str
    establishment: int
    name: str
    phase: Phase
    authority_code: str
    trust: str | None
    mis_supplier: str
    attendance_lead: str
    """Opaque subject id of the school's attendance lead."""
    settings: SchoolSettings
    calendar: CalendarPlan
    planned_pupils: int


@dataclass(frozen=True, slots=True)
class CareStatus:
    """A child's status with children's social care, with the responsible authority's worker."""

    kind: str
    """``CIN``, ``CP`` or ``LAC``."""
    authority_code: str
    worker: str
    """Opaque subject id of the allocated worker."""
    team: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Child:
    """A generated child; ``family`` is shared by siblings."""

    key: int
    upn: str
    forename: str
    surname: str
    born_on: date
    sex: str
    free_school_meals: bool
    sen: str
    """``none``, ``support`` or ``ehcp``."""
    family: int
    care: tuple[CareStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A child at a school. The school hosts the child on ``weekdays`` (Monday is 0) only."""

    key: int
    child: int
    school_urn: str
    mis_id: str
    year_group: str
    class_code: str
    starts_on: date
    ends_on: date | None
    """The last day on roll, inclusive; None while the child stays."""
    status: str = "main"
    """``main`` or ``subsidiary``."""
    weekdays: frozenset[int] = WHOLE_WEEK


@dataclass(frozen=True, slots=True)
class Contact:
    """A person an enrolment's school may know; ``person`` is shared by siblings' rows."""

    enrolment: int
    person: int
    name: str
    relationship: str
    priority: int
    parental_responsibility: bool
    court_order: bool
    """A court order bars contact: this person must not be told anything."""
    language: str
    mobile: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Register:
    """One class's register of one session (a whole school's if ``class_code`` is None).

    The four tuples run side by side.
    """

    school_urn: str
    class_code: str | None
    day: date
    session: Session
    enrolments: tuple[int, ...]
    children: tuple[int, ...]
    codes: tuple[str, ...]
    minutes_late: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Amendment:
    """One mark changed after its register was sent, with who changed it and why."""

    enrolment: int
    child: int
    previous: str
    code: str
    minutes_late: int | None
    reason: str
    amended_by: str
    title: str


class EventKind(StrEnum):
    """What happens in a played day."""

    REGISTER = "register"
    RESENT_REGISTER = "resent register"
    CORRECTION = "correction"
    LATE_ARRIVAL = "late arrival"


@dataclass(frozen=True, slots=True)
class Event:
    """Something a school does at a moment; ``at`` is aware, in Europe/London.

    A register carries a ``Register``, every other kind of event an ``Amendment``; ``day`` and
    ``session`` are those of the marks, which may be earlier than ``at``.
    """

    at: datetime
    kind: EventKind
    school_urn: str
    class_code: str
    day: date
    session: Session
    payload: Register | Amendment


@dataclass(frozen=True)
class Roll:
    """Everyone and everything a school's system holds apart from the marks."""

    figures: AuthorityFigures
    school_year: int
    schools: tuple[School, ...]
    children: tuple[Child, ...]
    enrolments: tuple[Enrolment, ...]
    contacts: tuple[Contact, ...]

    @cached_property
    def school_by_urn(self) -> dict[str, School]:
        """The schools by URN."""
        return {school.urn: school for school in self.schools}

    @cached_property
    def enrolments_of_class(self) -> dict[tuple[str, str], tuple[Enrolment, ...]]:
        """(URN, class code) → everyone ever enrolled there this year, in roll order."""
        classes: dict[tuple[str, str], list[Enrolment]] = {}
        for enrolment in self.enrolments:
            classes.setdefault((enrolment.school_urn, enrolment.class_code), []).append(enrolment)
        return {key: tuple(members) for key, members in classes.items()}
