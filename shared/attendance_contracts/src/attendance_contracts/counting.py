"""When a mark counts: the child is on roll, the school in session, and the session has begun.

One rule for whoever adds marks up, decides by them, looks for missing registers or contacts a
family. Statements ask for rows; what counts among them is decided here.

Sources: School Attendance (Pupil Registration) (England) Regulations 2024, reg 10 (the register is
of pupils on the admission register, for the sessions that the school meets). That a mark entered
ahead is no more than a plan until its session begins is this platform's reading; the law is silent.
"""

import datetime as dt
from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from attendance_contracts.calendar import (
    SLOTS_PER_YEAR,
    Session,
    in_utc,
    london_date,
    school_year,
    school_year_ends,
    school_year_starts,
    slot,
)
from attendance_contracts.codes import ONLY_BY_LOOKING, SITE_SHUT
from attendance_contracts.events import RegisterRecorded


class Uncounted(StrEnum):
    """Why a mark that stands in the register counts nowhere."""

    NOT_ON_ROLL = "not on roll that day"
    NO_SESSION = "no session of the calendar"
    PLANNED = "its session has not begun"


@dataclass(frozen=True, slots=True)
class OnRoll:
    """The days on which a child is on a school's roll, first and last included.

    Attributes:
        first: the starting day.
        last: None while the enrolment is open.
    """

    first: dt.date
    last: dt.date | None = None

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def slots(self, year: int) -> range:
        """The slots of a school year that lie on these days."""
        first = max(self.first, school_year_starts(year))
        last = min(self.last or dt.date.max, school_year_ends(year))
        if first > last:
            return range(0)
        return range(slot(first, Session.AM), slot(last, Session.PM) + 1)


@dataclass(frozen=True, slots=True)
class SchoolHours:
    """When a school's sessions begin, by the clock on its wall."""

    am_starts_at: dt.time
    pm_starts_at: dt.time

    def begins_at(self, day: dt.date, session: Session) -> dt.datetime:
        """The moment at which a session begins, in UTC."""
        return in_utc(day, self.am_starts_at if session is Session.AM else self.pm_starts_at)

    def begun_before(self, year: int, now: dt.datetime) -> int:
        """The first slot of a school year whose session has not begun; all before it have."""
        today = london_date(now)
        if school_year(today) != year:
            return SLOTS_PER_YEAR if school_year(today) > year else 0
        begun = sum(self.begins_at(today, session) <= now for session in Session)
        return slot(today, Session.AM) + begun


HOURS_UNKNOWN: Final = SchoolHours(dt.time.max, dt.time.max)
"""For a school whose settings have not arrived: its sessions have begun once their day is over."""


class SessionAhead(NamedTuple):
    """A session of a school that marks are planned for."""

    school_id: UUID
    day: dt.date
    session: Session


def begins_at(event: RegisterRecorded) -> dt.datetime:
    """When the session of a register begins; of one recorded before that was told, with its day."""
    return event.begins_at or in_utc(event.date, dt.time.min)


def sessions_ahead(
    events: Iterable[RegisterRecorded], now: dt.datetime
) -> dict[SessionAhead, dt.datetime]:
    """The sessions that registers have planned marks of, and when each of them begins."""
    return {
        SessionAhead(event.school_id, event.date, event.session): begins
        for event in events
        if now < (begins := begins_at(event))
    }


def uncounted(
    day: dt.date,
    session: Session,
    *,
    on_roll: OnRoll,
    sessions: Container[int],
    begins_at: dt.datetime,
    now: dt.datetime,
) -> Uncounted | None:
    """Say why a mark of this session counts nowhere at `now`, or None if it counts.

    `sessions` are the slots that the school's calendar holds, as it now stands, in the school year
    of the day: a session taken out of it, before the marks were sent or after, is none.
    """
    if day not in on_roll:
        return Uncounted.NOT_ON_ROLL
    if slot(day, session) not in sessions:
        return Uncounted.NO_SESSION
    return Uncounted.PLANNED if now < begins_at else None


def counts(
    day: dt.date,
    session: Session,
    *,
    on_roll: OnRoll,
    sessions: Container[int],
    begins_at: dt.datetime,
    now: dt.datetime,
) -> bool:
    """Whether a mark of this session counts at `now`; `uncounted` says why not."""
    why_not = uncounted(
        day, session, on_roll=on_roll, sessions=sessions, begins_at=begins_at, now=now
    )
    return why_not is None


def shows_register_taken(code: str, recorded_at: dt.datetime, begins_at: dt.datetime) -> bool:
    """Whether a mark shows that children were looked for in its session.

    An absence or a visit entered beforehand does not: everybody else may still be missing. What
    only somebody who looked can enter does, also minutes before the bell; and where the whole site
    is shut there is nobody to look for.
    """
    return recorded_at >= begins_at or code in ONLY_BY_LOOKING or code in SITE_SHUT


def is_too_far_ahead(day: dt.date, today: dt.date) -> bool:
    """Whether a day lies beyond the school year that `today` is in: nobody plans that far."""
    return school_year(day) > school_year(today)
