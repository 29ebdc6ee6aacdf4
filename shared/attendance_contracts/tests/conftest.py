"""One invented school's calendar for 2026/27, and the September of the year after."""

import datetime as dt
from collections.abc import Iterator

import pytest

from attendance_contracts.calendar import SchoolCalendar, Session, school_year, slot

TERMS_2026 = (
    (dt.date(2026, 9, 2), dt.date(2026, 10, 23)),
    (dt.date(2026, 11, 2), dt.date(2026, 12, 18)),
    (dt.date(2027, 1, 4), dt.date(2027, 2, 12)),
    (dt.date(2027, 2, 22), dt.date(2027, 3, 25)),
    (dt.date(2027, 4, 12), dt.date(2027, 5, 28)),
    (dt.date(2027, 6, 7), dt.date(2027, 7, 21)),
)
MAY_DAY = dt.date(2027, 5, 3)


def _weekdays(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for offset in range((last - first).days + 1):
        day = first + dt.timedelta(days=offset)
        if day.weekday() < 5:
            yield day


def _calendar(days: set[dt.date]) -> SchoolCalendar:
    slots = frozenset(slot(day, half) for day in days for half in Session)
    return SchoolCalendar(school_year(min(days)), slots, version=1)


@pytest.fixture(scope="session")
def calendar() -> SchoolCalendar:
    """Six half terms, closed on May Day."""
    return _calendar({day for term in TERMS_2026 for day in _weekdays(*term)} - {MAY_DAY})


@pytest.fixture(scope="session")
def next_calendar() -> SchoolCalendar:
    """The first half term of 2027/28."""
    return _calendar(set(_weekdays(dt.date(2027, 9, 2), dt.date(2027, 10, 22))))
