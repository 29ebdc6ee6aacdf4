"""Which school years an enrolment has rows in, and when it is on roll."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from attendance_contracts.calendar import school_year
from attendance_contracts.counting import OnRoll


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

    @property
    def on_roll(self) -> OnRoll:
        """The days on which the school expects the child when it meets."""
        return OnRoll(self.starts_on, self.ends_on)


def year_to_seed(starts_on: date, ends_on: date | None, today: date) -> int:
    """Return the school year whose row an enrolment needs now: today's, or the nearest it has.

    Rows of other years come with their first mark; an enrolment of seven years would otherwise
    hold seven rows that most readers never ask for.
    """
    first = school_year(starts_on)
    last = school_year(today) if ends_on is None else school_year(ends_on)
    return max(first, min(last, school_year(today)))
