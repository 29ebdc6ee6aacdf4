"""Which sessions have closed, and which are the last ten school days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session, session_at, slot
from reporting_service.schools.domain import recent_sessions, years_in_view
from reporting_testing.facts import ASchool

AM, PM = Session.AM, Session.PM


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        # Summer time: registers close at 09:20 and 13:30, an hour earlier in UTC.
        (datetime(2026, 9, 7, 8, 19, tzinfo=UTC), slot(date(2026, 9, 7), AM)),
        (datetime(2026, 9, 7, 8, 20, tzinfo=UTC), slot(date(2026, 9, 7), PM)),
        (datetime(2026, 9, 7, 12, 30, tzinfo=UTC), slot(date(2026, 9, 8), AM)),
        # Just past midnight in London, still the day before in UTC.
        (datetime(2026, 9, 7, 23, 30, tzinfo=UTC), slot(date(2026, 9, 8), AM)),
        # The first school day after the clocks went back.
        (datetime(2026, 10, 26, 8, 30, tzinfo=UTC), slot(date(2026, 10, 26), AM)),
        (datetime(2026, 10, 26, 9, 20, tzinfo=UTC), slot(date(2026, 10, 26), PM)),
        # The first school day after they went forward.
        (datetime(2027, 3, 29, 8, 20, tzinfo=UTC), slot(date(2027, 3, 29), PM)),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), 0),
        (datetime(2027, 9, 1, 12, tzinfo=UTC), 732),
    ],
)
def test_a_session_has_closed_when_its_register_has(now: datetime, closed: int) -> None:
    assert ASchool().settings().closed_before(2026, now) == closed


def weekdays(first: date, count: int) -> list[int]:
    days = [first + timedelta(days=n) for n in range(count * 2) if n % 7 < 5]
    return [slot(day, half) for day in days[:count] for half in Session]


THIS_YEAR = weekdays(date(2026, 9, 7), 30)
LAST_YEAR = weekdays(date(2026, 6, 29), 15)  # the last fortnight and a half of the summer term


@pytest.mark.parametrize(
    ("today", "first", "sessions"),
    [
        (date(2026, 9, 18), (2026, date(2026, 9, 7)), 20),
        (date(2026, 9, 20), (2026, date(2026, 9, 7)), 20),  # a Sunday
        (date(2026, 9, 21), (2026, date(2026, 9, 8)), 20),
        (date(2026, 9, 8), (2025, date(2026, 7, 8)), 20),  # eight of them before the summer
        (date(2026, 8, 15), (2025, date(2026, 7, 6)), 20),
    ],
)
def test_the_last_ten_school_days_skip_weekends_and_holidays(
    today: date, first: tuple[int, date], sessions: int
) -> None:
    recent = recent_sessions({2025: LAST_YEAR, 2026: THIS_YEAR}, today)

    assert (recent[0][0], session_at(*recent[0])[0]) == first
    assert len(recent) == sessions


def test_a_day_with_one_session_is_a_school_day() -> None:
    mornings = [place for place in THIS_YEAR if place % 2 == 0]

    assert len(recent_sessions({2026: mornings}, date(2026, 9, 18))) == 10


def test_before_the_first_school_day_nothing_is_recent() -> None:
    assert recent_sessions({2026: THIS_YEAR}, date(2026, 9, 4)) == ()
    assert recent_sessions({}, date(2026, 9, 18)) == ()


@given(st.dates(date(2026, 9, 1), date(2027, 8, 31)))
def test_recent_sessions_are_in_order_and_never_ahead(today: date) -> None:
    recent = recent_sessions({2025: LAST_YEAR, 2026: THIS_YEAR}, today)

    assert list(recent) == sorted(recent)
    assert all(session_at(*place)[0] <= today for place in recent)
    assert len({session_at(*place)[0] for place in recent}) == 10 or not recent


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (date(2026, 9, 1), (2025, 2026)),
        (date(2026, 10, 31), (2025, 2026)),
        (date(2026, 11, 1), (2026,)),
        (date(2027, 8, 31), (2026,)),
    ],
)
def test_the_year_before_is_read_until_ten_days_lie_behind(
    today: date, years: tuple[int, ...]
) -> None:
    assert years_in_view(today) == years
