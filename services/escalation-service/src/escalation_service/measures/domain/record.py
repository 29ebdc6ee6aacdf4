"""A child's record at one school: what a measure reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from attendance_contracts.calendar import (
    SchoolCalendar,
    Session,
    school_year_ends,
    school_year_starts,
    slot,
)
from attendance_contracts.codes import SITE_SHUT
from attendance_contracts.counting import OnRoll, SchoolHours, counts


class AbsenceMark(NamedTuple):
    """An absence of one session, as a decision saw it."""

    date: date
    session: Session
    code: str


class Span(NamedTuple):
    """Days one after the other, the first and the last included."""

    first: date
    last: date


class Run(NamedTuple):
    """Sessions one after the other, and the days of the first and last of them."""

    sessions: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One enrolment's absences in a school year, and by what they count.

    Attributes:
        on_roll: the days on which the child is on the school's roll.
        hours: when the school's sessions begin.
        calendar: the school's; version 0 and empty when none is known.
        marks: the year's absences, and the sessions in which the site was shut, in order.
    """

    on_roll: OnRoll
    hours: SchoolHours
    calendar: SchoolCalendar
    marks: tuple[AbsenceMark, ...]

    def counted(
        self, codes: Collection[str], window: Span, now: datetime
    ) -> tuple[AbsenceMark, ...]:
        """Return the marks of these codes and days that count, by the platform's one rule."""
        return tuple(
            mark
            for mark in self.marks
            if mark.code in codes
            and window.first <= mark.date <= window.last
            and counts(
                mark.date,
                mark.session,
                on_roll=self.on_roll,
                sessions=self.calendar.sessions,
                begins_at=self.hours.begins_at(mark.date, mark.session),
                now=now,
            )
        )

    @property
    def clock(self) -> SchoolCalendar:
        """The calendar by which days and runs are counted: without those the site was shut in."""
        shut = (mark for mark in self.marks if mark.code in SITE_SHUT)
        return self.calendar.without(slot(mark.date, mark.session) for mark in shut)

    def longest_run(self, marks: Sequence[AbsenceMark]) -> Run:
        """Find the longest run of marks, given in order, with no other session between.

        Ten continuous school days are twenty consecutive sessions, from whichever session they
        start; nights, weekends, holidays and days on which the site was shut break no run.
        """
        place = {held: index for index, held in enumerate(sorted(self.clock.sessions))}
        longest = Run(0, None, None)
        current = longest
        expected = -1
        for mark in marks:
            index = place[slot(mark.date, mark.session)]
            first = current.first if index == expected else mark.date
            sessions = current.sessions + 1 if index == expected else 1
            current = Run(sessions, first, mark.date)
            longest = max(longest, current, key=lambda run: run.sessions)
            expected = index + 1
        return longest


def judged_on(school_year: int, today: date) -> date:
    """Return the day for which a school year is judged: today, or its own day nearest to today.

    A correction in September is judged as July's marks were, and asks nothing new of them.
    """
    return min(max(today, school_year_starts(school_year)), school_year_ends(school_year))
