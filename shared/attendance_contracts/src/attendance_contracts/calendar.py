"""Calendar arithmetic: sessions, school years, school days, school weeks and local time.

Every function takes the day or moment it speaks of; none reads a clock.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")

SLOTS_PER_YEAR: Final = 732
"""Two slots for each of at most 366 days of a school year."""

LONGEST_OPENING_MINUTES: Final = 30
"""A register closes within 30 minutes of the session's start (statutory guidance, August 2024)."""

SEPTEMBER: Final = 9
SATURDAY: Final = 5

PROCLAIMED: Final[dict[int, tuple[frozenset[dt.date], frozenset[dt.date]]]] = {
    2020: (frozenset({dt.date(2020, 5, 8)}), frozenset({dt.date(2020, 5, 4)})),
    2022: (
        frozenset({dt.date(2022, 6, 2), dt.date(2022, 6, 3), dt.date(2022, 9, 19)}),
        frozenset({dt.date(2022, 5, 30)}),
    ),
    2023: (frozenset({dt.date(2023, 5, 8)}), frozenset()),
}
"""Bank holidays added and taken away by proclamation since 2018, by year; add new ones here."""


class Session(StrEnum):
    """One half of a school day; every mark belongs to one."""

    AM = "AM"
    PM = "PM"


def school_year(day: dt.date) -> int:
    """The year in which the day's school year started: 2026 for 1 Sep 2026 to 31 Aug 2027."""
    return day.year if day.month >= SEPTEMBER else day.year - 1


def school_year_starts(year: int) -> dt.date:
    """The first of September."""
    return dt.date(year, SEPTEMBER, 1)


def school_year_ends(year: int) -> dt.date:
    """The thirty-first of August of the following year, still inside the school year."""
    return dt.date(year + 1, SEPTEMBER, 1) - dt.timedelta(days=1)


def year_label(year: int) -> str:
    """A school year as people write it: 2026 is "2026/27"."""
    return f"{year}/{(year + 1) % 100:02d}"


def slot(day: dt.date, session: Session) -> int:
    """The session's place in its school year, 0 to 731; closures leave gaps, so nothing moves."""
    days = (day - school_year_starts(school_year(day))).days
    return days * 2 + (session == Session.PM)


def session_at(year: int, slot: int) -> tuple[dt.date, Session]:
    """The day and session of a slot: `slot` read backwards."""
    day = school_year_starts(year) + dt.timedelta(days=slot // 2)
    return day, Session.PM if slot % 2 else Session.AM


def nth_school_day_after(school_days: Sequence[dt.date], day: dt.date, n: int) -> dt.date | None:
    """The nth of the ordered school days after `day`; None where the calendar does not reach.

    `day` itself is day 0 and need not be a school day. Give the days of two school years, one
    after the other, to count over the summer.
    """
    if n < 1:
        raise ValueError("The first school day after a day is number 1.")
    index = bisect_right(school_days, day) + n - 1
    return school_days[index] if index < len(school_days) else None


def monday_of(day: dt.date) -> dt.date:
    """The Monday that begins the day's week."""
    return day - dt.timedelta(days=day.weekday())


def school_weeks(school_days: Iterable[dt.date]) -> tuple[dt.date, ...]:
    """The Mondays, in order, of the weeks that hold at least one session."""
    return tuple(sorted({monday_of(day) for day in school_days}))


def school_week_ordinal(weeks: Sequence[dt.date], day: dt.date) -> int:
    """How many of the school weeks have begun by the day's week: the first school week is 1.

    A day in a holiday week has the ordinal of the school week before it, so a window of ten
    school weeks does not run in the holidays.
    """
    return bisect_right(weeks, monday_of(day))


@dataclass(frozen=True)
class SchoolCalendar:
    """One school's sessions in one school year, as slots.

    For counts that run from one school year into the next, put the `school_days()` of both in a
    row and use the functions of this module.
    """

    school_year: int
    sessions: frozenset[int]
    version: int

    @cached_property
    def _days(self) -> tuple[dt.date, ...]:
        first = school_year_starts(self.school_year)
        return tuple(first + dt.timedelta(days=n) for n in sorted({s // 2 for s in self.sessions}))

    @cached_property
    def _weeks(self) -> tuple[dt.date, ...]:
        return school_weeks(self._days)

    def is_session(self, day: dt.date, session: Session) -> bool:
        """Whether the school meets then; False for a day of another school year."""
        return school_year(day) == self.school_year and slot(day, session) in self.sessions

    def is_school_day(self, day: dt.date) -> bool:
        """Whether the school meets for at least one session of the day."""
        return self.is_session(day, Session.AM) or self.is_session(day, Session.PM)

    def school_days(self) -> tuple[dt.date, ...]:
        """Every day with a session, in order."""
        return self._days

    def nth_school_day_after(self, day: dt.date, n: int) -> dt.date | None:
        """The nth school day after `day` (day 0); None if it lies beyond this school year."""
        return nth_school_day_after(self._days, day, n)

    def school_week_ordinal(self, day: dt.date) -> int:
        """The number of the day's school week, from 1; see `school_week_ordinal` on holidays."""
        return school_week_ordinal(self._weeks, day)

    def sessions_between(
        self, first: dt.date, last: dt.date
    ) -> tuple[tuple[dt.date, Session], ...]:
        """Every session from `first` to `last`, both included, in order."""
        days = self._days[bisect_left(self._days, first) : bisect_right(self._days, last)]
        return tuple((day, half) for day in days for half in Session if self.is_session(day, half))

    def without(self, slots: Iterable[int]) -> "SchoolCalendar":
        """The same calendar with these sessions taken out, as after an unplanned closure.

        A session in which the whole site was shut (code Y4) is not a session for any clock.
        """
        return replace(self, sessions=self.sessions.difference(slots))


def easter_sunday(year: int) -> dt.date:
    """Easter Sunday by the Gregorian computus (Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - shift + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


@cache
def bank_holidays(year: int) -> frozenset[dt.date]:
    """England's bank holidays in a calendar year, from 2018 on.

    By rule (Banking and Financial Dealings Act 1971, with the usual substitute days), then as
    proclaimed for single years.
    """
    easter = easter_sunday(year)
    by_rule = {
        _weekday_from(dt.date(year, 1, 1)),
        easter - dt.timedelta(days=2),
        easter + dt.timedelta(days=1),
        monday_of(dt.date(year, 5, 7)),
        monday_of(dt.date(year, 5, 31)),
        monday_of(dt.date(year, 8, 31)),
        christmas := _weekday_from(dt.date(year, 12, 25)),
        _weekday_from(christmas + dt.timedelta(days=1)),
    }
    added, removed = PROCLAIMED.get(year, (frozenset(), frozenset()))
    return frozenset((by_rule - removed) | added)


def _weekday_from(day: dt.date) -> dt.date:
    """The day itself, or the Monday after it when it falls on a weekend."""
    return day if day.weekday() < SATURDAY else monday_of(day) + dt.timedelta(days=7)


def is_working_day(day: dt.date) -> bool:
    """Monday to Friday and not a bank holiday in England; school holidays are working days."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year)


def nth_working_day_after(day: dt.date, n: int) -> dt.date:
    """The nth working day after `day`, which is day 0: a standard's last day."""
    if n < 1:
        raise ValueError("The first working day after a day is number 1.")
    while n:
        day += dt.timedelta(days=1)
        n -= is_working_day(day)
    return day


def in_utc(day: dt.date, local_time: dt.time) -> dt.datetime:
    """A wall-clock time in England as a moment in UTC."""
    return dt.datetime.combine(day, local_time, tzinfo=LONDON).astimezone(dt.UTC)


def london_date(moment: dt.datetime) -> dt.date:
    """The date in England at an aware moment."""
    return moment.astimezone(LONDON).date()


def register_closes_at(day: dt.date, session_start: dt.time, open_minutes: int) -> dt.datetime:
    """When a session's register closes, in UTC; `session_start` is the school's wall clock."""
    return in_utc(day, session_start) + dt.timedelta(minutes=open_minutes)


def contact_due_at(
    day: dt.date, session_start: dt.time, *, open_minutes: int, grace_minutes: int
) -> dt.datetime:
    """When a family may first be told of a session's absence, in UTC: closing plus the grace.

    Until the register closes a mark may still be put right; the grace is each school's own, so that
    a child who comes a little late causes nobody a message.
    """
    closes_at = register_closes_at(day, session_start, open_minutes)
    return closes_at + dt.timedelta(minutes=grace_minutes)
