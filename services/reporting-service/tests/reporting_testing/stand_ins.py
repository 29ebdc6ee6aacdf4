"""What this service's tests read in the register's place, without HTTP."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import TypeVar
from uuid import UUID

from attendance_contracts.calendar import Session
from attendance_contracts.events import CalendarChanged, EnrolmentChanged, SchoolChanged

T = TypeVar("T")


@dataclass
class ReadRegister:
    """What a recount reads of a register, without HTTP.

    Attributes:
        facts: what the register tells of schools, calendars and roll.
        all_marks: its marks, in order.
        size: how many enrolments a page has.
    """

    facts: Sequence[object]
    all_marks: Sequence[tuple[UUID, date, Session, str]]
    size: int = 100

    async def marks(
        self, school_id: UUID | None = None
    ) -> AsyncIterator[Sequence[tuple[UUID, date, Session, str]]]:
        """Give out all marks of some enrolments a page, or those of one school."""
        known = {one.enrolment_id: one.school_id for one in self._of(EnrolmentChanged)}
        marks = [
            mark for mark in self.all_marks if school_id is None or known[mark[0]] == school_id
        ]
        enrolments = sorted({mark[0] for mark in marks})
        for start in range(0, len(enrolments), self.size):
            on_page = enrolments[start : start + self.size]
            yield [mark for mark in marks if mark[0] in on_page]

    async def roll(self) -> AsyncIterator[Sequence[EnrolmentChanged]]:
        """Give out the enrolments in the same order, on pages of the same size."""
        roll = sorted(self._of(EnrolmentChanged), key=attrgetter("enrolment_id"))
        for start in range(0, len(roll), self.size):
            yield roll[start : start + self.size]

    async def enrolments(self, *, school_id: UUID | None = None) -> list[EnrolmentChanged]:
        """Return a school's enrolments."""
        return [one for one in self._of(EnrolmentChanged) if one.school_id == school_id]

    async def calendars(self, school_id: UUID) -> list[CalendarChanged]:
        """Return a school's years."""
        return [one for one in self._of(CalendarChanged) if one.school_id == school_id]

    async def schools(self, school_id: UUID | None = None) -> list[SchoolChanged]:
        """Return a school's settings."""
        return [one for one in self._of(SchoolChanged) if one.school_id == school_id]

    def _of(self, kind: type[T]) -> list[T]:
        return [fact for fact in self.facts if isinstance(fact, kind)]
