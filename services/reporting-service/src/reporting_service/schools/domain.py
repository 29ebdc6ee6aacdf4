"""A school's day: which of its sessions have closed, and which are the last ten days'."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import (
    SLOTS_PER_YEAR,
    Session,
    london_date,
    register_closes_at,
    school_year,
    slot,
)
from attendance_contracts.counting import SchoolHours

RECENT_SCHOOL_DAYS: Final = 10
"""What social workers are shown as the last two weeks: days the school met, today included."""

_NOVEMBER: Final = 11


@dataclass(frozen=True, slots=True)
class School:
    """What views need to know of a school.

    Attributes:
        register_open_minutes: how long a session's register stays open.
        hours_per_day: hours of learning in a school day.
        attendance_lead: opaque subject id of the senior attendance champion.
        fresh_at: when the newest register in the figures was recorded, in domain time.
    """

    id: UUID
    urn: str
    name: str
    am_starts_at: time
    pm_starts_at: time
    register_open_minutes: int
    hours_per_day: Decimal
    attendance_lead: str | None
    fresh_at: datetime | None

    @property
    def hours(self) -> SchoolHours:
        """When its sessions begin."""
        return SchoolHours(self.am_starts_at, self.pm_starts_at)

    def closed_before(self, year: int, now: datetime) -> int:
        """Return the first slot of a school year whose register has not closed at `now`."""
        today = london_date(now)
        if school_year(today) != year:
            return SLOTS_PER_YEAR if school_year(today) > year else 0
        return slot(today, Session.AM) + sum(
            now >= register_closes_at(today, starts_at, self.register_open_minutes)
            for starts_at in (self.am_starts_at, self.pm_starts_at)
        )


def event_keys(school_id: UUID, year: int) -> set[str]:
    """Return the record keys of the events a school's figures rest on.

    An event that could not be applied is noted under its key, and the figures are incomplete.
    """
    return {str(school_id), f"{school_id}/calendar/{year}"}


def years_in_view(today: date) -> tuple[int, ...]:
    """Return the school years a view of today reads.

    By November ten school days lie behind every school; until then the last ten may reach back
    over the summer.
    """
    year = school_year(today)
    return (year,) if today >= date(year, _NOVEMBER, 1) else (year - 1, year)


def recent_sessions(
    sessions: Mapping[int, Sequence[int]], today: date
) -> tuple[tuple[int, int], ...]:
    """Return the sessions of the last ten school days up to today as (school year, slot), in order.

    `sessions` holds a school's slots, ascending, by school year.
    """
    recent: list[tuple[int, int]] = []
    days: set[tuple[int, int]] = set()
    for year in sorted(sessions, reverse=True):
        for place in reversed(_until(today, year, sessions[year])):
            days.add((year, place // 2))
            if len(days) > RECENT_SCHOOL_DAYS:
                return tuple(reversed(recent))
            recent.append((year, place))
    return tuple(reversed(recent))


def _until(today: date, year: int, slots: Sequence[int]) -> Sequence[int]:
    if year == school_year(today):
        return slots[: bisect_right(slots, slot(today, Session.PM))]
    return slots if year < school_year(today) else ()
