"""Sessions, school years, school days and school weeks."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import (
    SLOTS_PER_YEAR,
    SchoolCalendar,
    Session,
    monday_of,
    nth_school_day_after,
    school_week_ordinal,
    school_weeks,
    school_year,
    school_year_ends,
    school_year_starts,
    session_at,
    slot,
    year_label,
)

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))
SESSIONS = st.sampled_from(Session)
DAYS_OF_2026 = st.dates(dt.date(2026, 9, 1), dt.date(2027, 8, 31))


@pytest.mark.parametrize(
    ("day", "year", "label"),
    [
        ("2026-08-31", 2025, "2025/26"),
        ("2026-09-01", 2026, "2026/27"),
        ("2027-01-01", 2026, "2026/27"),
        ("2027-08-31", 2026, "2026/27"),
        ("2027-09-01", 2027, "2027/28"),
        ("2099-12-01", 2099, "2099/00"),
    ],
)
def test_a_school_year_runs_from_september_to_august(day: str, year: int, label: str) -> None:
    assert school_year(dt.date.fromisoformat(day)) == year
    assert year_label(year) == label


@pytest.mark.parametrize(
    ("day", "session", "expected"),
    [
        ("2026-09-01", Session.AM, 0),
        ("2026-09-01", Session.PM, 1),
        ("2026-09-02", Session.AM, 2),
        ("2027-08-31", Session.PM, 729),
        ("2028-08-31", Session.PM, 731),  # 2027/28 holds a 29 February
    ],
)
def test_slots_count_from_the_first_of_september(day: str, session: Session, expected: int) -> None:
    assert slot(dt.date.fromisoformat(day), session) == expected


@given(DAYS, SESSIONS)
def test_a_slot_names_exactly_one_session_of_its_year(day: dt.date, session: Session) -> None:
    number = slot(day, session)
    assert 0 <= number < SLOTS_PER_YEAR
    assert session_at(school_year(day), number) == (day, session)


@given(DAYS)
def test_every_day_lies_inside_its_school_year(day: dt.date) -> None:
    year = school_year(day)
    assert school_year_starts(year) <= day <= school_year_ends(year)
    assert school_year_ends(year) + dt.timedelta(days=1) == school_year_starts(year + 1)


def test_the_school_meets_twice_on_a_school_day(calendar: SchoolCalendar) -> None:
    day = dt.date(2026, 9, 7)
    assert calendar.is_school_day(day)
    assert calendar.sessions_between(day, day) == ((day, Session.AM), (day, Session.PM))
    assert len(calendar.school_days()) * 2 == len(calendar.sessions)


@pytest.mark.parametrize(
    "day",
    [
        "2026-09-05",  # a Saturday
        "2026-10-28",  # half term
        "2027-05-03",  # a bank holiday
        "2025-09-08",  # another school year
        "2027-09-06",  # another school year
    ],
)
def test_the_school_does_not_meet_on_other_days(calendar: SchoolCalendar, day: str) -> None:
    closed = dt.date.fromisoformat(day)
    assert not calendar.is_school_day(closed)
    assert calendar.sessions_between(closed, closed) == ()


def test_a_day_with_one_session_is_a_school_day(calendar: SchoolCalendar) -> None:
    day = dt.date(2026, 12, 18)
    afternoon_off = calendar.without([slot(day, Session.PM)])
    assert afternoon_off.is_school_day(day)
    assert afternoon_off.sessions_between(day, day) == ((day, Session.AM),)
    assert day in afternoon_off.school_days()


# The N clock: five school days to establish the reason (regulation 10(7) to (9)).
N_CLOCK = [
    ("2026-09-07", "2026-09-14"),  # a Monday: over one weekend
    ("2026-10-22", "2026-11-05"),  # half term does not count
    ("2026-10-23", "2026-11-06"),  # the last day before half term
    ("2026-12-17", "2027-01-07"),  # nor does Christmas
    ("2027-04-29", "2027-05-07"),  # nor a bank holiday
]


@pytest.mark.parametrize(("marked", "last_day"), N_CLOCK)
def test_the_n_clock_counts_school_days(
    calendar: SchoolCalendar, marked: str, last_day: str
) -> None:
    fifth = calendar.nth_school_day_after(dt.date.fromisoformat(marked), 5)
    assert fifth == dt.date.fromisoformat(last_day)


def test_an_unplanned_closure_stops_the_n_clock(calendar: SchoolCalendar) -> None:
    snow = dt.date(2026, 9, 10)
    closed = calendar.without(slot(snow, session) for session in Session)
    assert closed.nth_school_day_after(dt.date(2026, 9, 7), 5) == dt.date(2026, 9, 15)
    assert not closed.is_school_day(snow)


def test_a_clock_runs_on_over_the_summer(
    calendar: SchoolCalendar, next_calendar: SchoolCalendar
) -> None:
    marked = dt.date(2027, 7, 20)
    assert calendar.nth_school_day_after(marked, 1) == dt.date(2027, 7, 21)
    assert calendar.nth_school_day_after(marked, 2) is None
    both = calendar.school_days() + next_calendar.school_days()
    assert nth_school_day_after(both, marked, 5) == dt.date(2027, 9, 7)


def test_the_day_itself_is_not_a_day_after(calendar: SchoolCalendar) -> None:
    with pytest.raises(ValueError, match="number 1"):
        calendar.nth_school_day_after(dt.date(2026, 9, 7), 0)


@given(day=DAYS_OF_2026, n=st.integers(1, 30))
def test_exactly_n_school_days_lie_between_a_day_and_the_nth_after(
    calendar: SchoolCalendar, day: dt.date, n: int
) -> None:
    found = calendar.nth_school_day_after(day, n)
    later = [one for one in calendar.school_days() if one > day]
    assert found == (later[n - 1] if len(later) >= n else None)


@pytest.mark.parametrize(
    ("day", "ordinal"),
    [
        ("2026-09-01", 1),  # the week of the first session
        ("2026-09-04", 1),
        ("2026-09-06", 1),  # a Sunday ends the week
        ("2026-09-07", 2),
        ("2026-10-23", 8),
        ("2026-10-28", 8),  # half term: the ordinal stands still
        ("2026-11-02", 9),
        ("2026-12-18", 15),
        ("2026-12-30", 15),
        ("2027-01-04", 16),
        ("2027-05-03", 30),  # four days are a school week
    ],
)
def test_school_weeks_skip_the_holidays(calendar: SchoolCalendar, day: str, ordinal: int) -> None:
    assert calendar.school_week_ordinal(dt.date.fromisoformat(day)) == ordinal


def test_before_the_first_school_week_there_is_none(calendar: SchoolCalendar) -> None:
    assert calendar.school_week_ordinal(dt.date(2026, 8, 30)) == 0


def test_a_week_with_one_session_is_a_school_week() -> None:
    friday = dt.date(2026, 9, 11)
    calendar = SchoolCalendar(2026, frozenset({slot(friday, Session.AM)}), version=1)
    assert calendar.school_week_ordinal(friday) == 1


def test_school_weeks_are_numbered_through_two_years(
    calendar: SchoolCalendar, next_calendar: SchoolCalendar
) -> None:
    weeks = school_weeks(calendar.school_days() + next_calendar.school_days())
    last = school_week_ordinal(weeks, dt.date(2027, 7, 21))
    assert school_week_ordinal(weeks, dt.date(2027, 8, 18)) == last
    assert school_week_ordinal(weeks, dt.date(2027, 9, 2)) == last + 1


@given(DAYS_OF_2026)
def test_a_week_has_one_ordinal_and_a_school_week_a_new_one(
    calendar: SchoolCalendar, day: dt.date
) -> None:
    monday = monday_of(day)
    week = [monday + dt.timedelta(days=offset) for offset in range(7)]
    assert {calendar.school_week_ordinal(one) for one in week} == {
        calendar.school_week_ordinal(monday - dt.timedelta(days=1))
        + any(calendar.is_school_day(one) for one in week)
    }


@given(first=DAYS_OF_2026, last=DAYS_OF_2026)
def test_sessions_between_are_the_sessions_of_the_days_between(
    calendar: SchoolCalendar, first: dt.date, last: dt.date
) -> None:
    found = calendar.sessions_between(first, last)
    assert list(found) == sorted(found)
    assert {slot(*one) for one in found} == {
        number for number in calendar.sessions if first <= session_at(2026, number)[0] <= last
    }
