"""What a social worker is shown of each child: time missed first, percentages second.

Durations are counted in sessions and shown as days (two sessions) and hours of learning (days times
the school's own hours a day). Nothing here is rounded but the percentage.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import Session, london_date, school_year, session_at, slot
from attendance_contracts.codes import BY_NUMBER, LATE, NO_MARK, numbers_of
from attendance_contracts.events import CareStatus
from attendance_contracts.measures import NO_SESSIONS, Tally
from reporting_service.cases.domain import Case
from reporting_service.projection.domain import YearOfMarks, tally_of
from reporting_service.roll.domain import Enrolment
from reporting_service.schools.domain import School, event_keys, recent_sessions

_LATE: Final = numbers_of(LATE)
_MINUTES_AN_HOUR: Final = 60


class WithoutMark(StrEnum):
    """Why no mark of a session of today counts."""

    NO_SESSION = "no session"
    NOT_ON_ROLL = "not on roll"
    PLANNED = "planned"
    AWAITED = "awaited"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class SessionToday:
    """One of today's sessions: where the child is, or why nothing is known.

    Attributes:
        state: the mark's physical state, or a `WithoutMark`.
        code: the code of a mark that counts or is planned; None without one.
        meaning: the code in words; None without one.
    """

    session: Session
    state: str
    code: str | None = None
    meaning: str | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """A period's sessions by class, and the hours of learning missed; None: hours a day unknown."""

    tally: Tally = NO_SESSIONS
    hours: Decimal | None = Decimal(0)

    def __add__(self, other: "Missed") -> "Missed":
        if self.hours is None or other.hours is None:
            return Missed(self.tally + other.tally, None)
        return Missed(self.tally + other.tally, self.hours + other.hours)

    @property
    def days(self) -> Decimal:
        """Days missed: half the sessions."""
        return Decimal(self.tally.absent) / 2


@dataclass(frozen=True, slots=True)
class SchoolView:
    """What all children of a school share on one page, worked out once.

    Attributes:
        school: None while its settings have not arrived; only hours need them.
        taught: the school year's sessions, ascending slots; empty without a calendar.
        closed_before: the first slot of the year whose register is still open or to come.
        recent: the sessions of the last ten school days, as (school year, slot).
    """

    school_id: UUID
    school: School | None
    today: date
    taught: Sequence[int]
    closed_before: int
    recent: Sequence[tuple[int, int]]

    @property
    def year(self) -> int:
        """The school year in view."""
        return school_year(self.today)

    @property
    def recent_days(self) -> tuple[date, date] | None:
        """The first and last of the recent school days; None before the first ever."""
        if not self.recent:
            return None
        return session_at(*self.recent[0])[0], session_at(*self.recent[-1])[0]


@dataclass(frozen=True, slots=True)
class EnrolmentFigures:
    """A child's figures at one school: the unit of every published measure."""

    enrolment: Enrolment
    view: SchoolView
    today: Sequence[SessionToday]
    recent: Missed
    year: Missed
    late_sessions: int
    missing_marks: int
    planned_absences: int
    open_cases: Sequence[Case]
    is_incomplete: bool


@dataclass(frozen=True, slots=True)
class ChildFigures:
    """A child on a caseload, with the figures of each enrolment in the school year."""

    child_id: UUID
    care: Sequence[CareStatus]
    enrolments: Sequence[EnrolmentFigures]

    @property
    def recent(self) -> Missed:
        """The last ten school days of every enrolment together."""
        return sum((one.recent for one in self.enrolments), Missed())

    @property
    def year(self) -> Missed:
        """The school year of every enrolment together: not the published measure."""
        return sum((one.year for one in self.enrolments), Missed())


def school_view(
    school_id: UUID, school: School | None, sessions: Mapping[int, Sequence[int]], now: datetime
) -> SchoolView:
    """Work out what the children of a school share; `sessions` holds its slots by school year.

    Without settings the days before today have closed, and nothing of today has.
    """
    today = london_date(now)
    year = school_year(today)
    closed = slot(today, Session.AM) if school is None else school.closed_before(year, now)
    return SchoolView(
        school_id, school, today, sessions.get(year, ()), closed, recent_sessions(sessions, today)
    )


def figures(
    enrolment: Enrolment,
    view: SchoolView,
    years: Mapping[int, YearOfMarks],
    *,
    open_cases: Sequence[Case],
    incomplete: AbstractSet[str],
) -> EnrolmentFigures:
    """Put together one enrolment's figures from its year rows, by school year."""
    year = years.get(view.year, YearOfMarks())
    counted = year.counted
    return EnrolmentFigures(
        enrolment,
        view,
        today=[_today(enrolment, view, year, session) for session in Session],
        recent=_missed(_recent_tally(years, view), view.school),
        year=_missed(year.tally, view.school),
        late_sessions=sum(map(counted.count, _LATE)),
        missing_marks=_missing_marks(enrolment, view, year),
        planned_absences=tally_of(year.planned).absent,
        open_cases=open_cases,
        is_incomplete=not incomplete.isdisjoint(keys_behind(enrolment, view.year)),
    )


def keys_behind(enrolment: Enrolment, year: int) -> set[str]:
    """Return the record keys of the events an enrolment's figures rest on."""
    own = {str(enrolment.id), str(enrolment.child_id)}
    return own | event_keys(enrolment.school_id, year)


def _today(
    enrolment: Enrolment, view: SchoolView, year: YearOfMarks, session: Session
) -> SessionToday:
    place = slot(view.today, session)
    if view.today not in enrolment.on_roll:
        return SessionToday(session, WithoutMark.NOT_ON_ROLL)
    if place not in view.taught:
        return SessionToday(session, WithoutMark.NO_SESSION)
    if code := BY_NUMBER.get(year.counted[place]):
        return SessionToday(session, code.physical, code.code, code.meaning)
    if code := BY_NUMBER.get(year.planned[place]):
        return SessionToday(session, WithoutMark.PLANNED, code.code, code.meaning)
    closed = place < view.closed_before
    return SessionToday(session, WithoutMark.MISSING if closed else WithoutMark.AWAITED)


def _recent_tally(years: Mapping[int, YearOfMarks], view: SchoolView) -> Tally:
    counted = {number: year.counted for number, year in years.items()}
    marks = (counted[year][place] for year, place in view.recent if year in years)
    return tally_of(bytes(marks))


def _missing_marks(enrolment: Enrolment, view: SchoolView, year: YearOfMarks) -> int:
    """Count the closed sessions, while on roll, that nobody marked."""
    on_roll = enrolment.on_roll.slots(view.year)
    first = bisect_left(view.taught, on_roll.start)
    end = bisect_left(view.taught, min(on_roll.stop, view.closed_before))
    return year.at(view.taught[first:end]).count(NO_MARK)


def _missed(tally: Tally, school: School | None) -> Missed:
    if school is None:
        return Missed(tally, None)
    # A day has whole minutes: 6.4167 hours are 6 hours 25, and six such days 38 hours and a half.
    minutes_a_day = round(school.hours_per_day * _MINUTES_AN_HOUR)
    return Missed(tally, Decimal(minutes_a_day * tally.absent) / (2 * _MINUTES_AN_HOUR))
