"""Which school years an enrolment has rows in, and when it is on roll."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from attendance_contracts.calendar import (
    Session,
    school_year,
    school_year_ends,
    school_year_starts,
    slot,
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A child's place at a school; both dates are on roll, None is open-ended."""

    id: UUID
    child_id: UUID
    school_id: UUID
    starts_on: date
    ends_on: date | None
    year_group: str
    class_code: str
    status: str

    def is_on_roll(self, day: date) -> bool:
        """Whether the school expects the child on a day it meets."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def slots_on_roll(self, year: int) -> range:
        """Return the slots of a school year that lie between start and end, both included."""
        first = max(self.starts_on, school_year_starts(year))
        last = min(self.ends_on or date.max, school_year_ends(year))
        if first > last:
            return range(0)
        return range(slot(first, Session.AM), slot(last, Session.PM) + 1)


def year_to_seed(starts_on: date, ends_on: date | None, today: date) -> int:
    """Return the school year whose row an enrolment needs now: today's, or the nearest it has.

    Rows of other years come with their first mark; an enrolment of seven years would otherwise
    hold seven rows that most readers never ask for.
    """
    first = school_year(starts_on)
    last = school_year(today) if ends_on is None else school_year(ends_on)
    return max(first, min(last, school_year(today)))
