"""When a school's registers are looked at, what shows that one was taken, and what comes next.

A register that has not been taken at all is missing when first-day contact would be due, at closing
plus the school's grace; or at a later time that the school has set for being asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from attendance_contracts.calendar import (
    Session,
    contact_due_at,
    london_date,
    register_closes_at,
    school_year,
    session_at,
    slot,
)
from attendance_contracts.counting import SchoolHours, shows_register_taken
from attendance_contracts.events import RegisterMissing


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a school's calendars, in order of time; a session may or may not be held there."""

    school_year: int
    slot: int

    def __str__(self) -> str:
        day, session = self.session()
        return f"{day} {session}"

    def session(self) -> tuple[date, Session]:
        """Return the day and session that the place stands for."""
        return session_at(self.school_year, self.slot)

    def following(self) -> "Place":
        """Return the next place; a year's last is followed by one before the next year's first."""
        return Place(self.school_year, self.slot + 1)


def place_of(day: date, session: Session) -> Place:
    """Return the place of a session."""
    return Place(school_year(day), slot(day, session))


def place_from(text: str) -> Place:
    """Read a place as it is written: `2026-09-07 AM`."""
    day, session = text.split()
    return place_of(date.fromisoformat(day), Session(session))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What a school's settings say of its registers, as the school's wall clock shows it.

    Attributes:
        register_missing_after_minutes: from closing; None is as long as the grace.
        version: of everything a plan rests on; it grows with every change of the settings or of a
            calendar.
    """

    am_starts_at: time
    pm_starts_at: time
    register_open_minutes: int
    contact_grace_minutes: int
    register_missing_after_minutes: int | None = None
    version: int

    def due_at(self, place: Place) -> datetime:
        """Return when the register of a session is looked at, in UTC."""
        day, session = place.session()
        starts_at = self.am_starts_at if session is Session.AM else self.pm_starts_at
        open_minutes, own = self.register_open_minutes, self.register_missing_after_minutes
        if own is not None:
            return register_closes_at(day, starts_at, open_minutes) + timedelta(minutes=own)
        return contact_due_at(
            day, starts_at, open_minutes=open_minutes, grace_minutes=self.contact_grace_minutes
        )

    def begins_at(self, place: Place) -> datetime:
        """Return when a session begins, in UTC."""
        return SchoolHours(self.am_starts_at, self.pm_starts_at).begins_at(*place.session())

    def first_ahead(self, now: datetime) -> Place:
        """Return the first place whose time is still to come."""
        today = london_date(now)
        for session in Session:
            if self.due_at(place := place_of(today, session)) > now:
                return place
        return place_of(today + timedelta(days=1), Session.AM)


@dataclass(frozen=True, slots=True)
class Look:
    """A session of a school whose register is looked at."""

    school_id: UUID
    place: Place


class EnteredMark(NamedTuple):
    """A mark of a child on roll, as far as it can show that a register was taken."""

    code: str
    recorded_at: datetime


def is_taken(look: Look, marks: Iterable[EnteredMark], hours: Hours) -> bool:
    """Tell whether any of a session's marks shows that children were looked for in it."""
    begins_at = hours.begins_at(look.place)
    return any(shows_register_taken(mark.code, mark.recorded_at, begins_at) for mark in marks)


def begin_at(hours: Hours, standing: Place | None, now: datetime) -> Place:
    """Tell from which place on a changed plan looks at registers.

    Never later than the session that was still to be looked at, so that no change loses one: not a
    shorter grace in the middle of it, and not one made while every worker was down. Not later
    either than what is ahead, should the change add a session there.
    """
    ahead = hours.first_ahead(now)
    return ahead if standing is None else min(standing, ahead)


def register_missing(look: Look, now: datetime) -> RegisterMissing:
    """Tell the other services that a register was not taken."""
    day, session = look.place.session()
    return RegisterMissing(school_id=look.school_id, date=day, session=session, recorded_at=now)
