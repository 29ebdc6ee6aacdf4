"""Working days, England's bank holidays, and local time through both changes of the clock."""

import datetime as dt

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import (
    LONDON,
    bank_holidays,
    contact_due_at,
    easter_sunday,
    in_utc,
    is_working_day,
    london_date,
    nth_working_day_after,
    register_closes_at,
)

DAYS = st.dates(dt.date(2018, 1, 1), dt.date(2040, 12, 31))


@pytest.mark.parametrize("year", range(2018, 2041))
def test_bank_holidays_are_those_of_an_independent_list(year: int) -> None:
    # That list keeps 25 December on a Saturday beside its substitute; a Saturday never counts.
    independent = holidays.country_holidays("GB", subdiv="ENG", years=year)
    assert bank_holidays(year) == {day for day in independent if day.weekday() < 5}


@pytest.mark.parametrize(
    "day",
    [
        "2026-12-25",
        "2026-12-28",  # for Boxing Day, a Saturday
        "2027-01-01",
        "2027-03-26",
        "2027-03-29",
        "2027-05-03",
        "2027-05-31",
        "2027-08-30",
    ],
)
def test_the_bank_holidays_of_2026_27_are_not_working_days(day: str) -> None:
    assert not is_working_day(dt.date.fromisoformat(day))


@pytest.mark.parametrize(("year", "day"), [(2024, "03-31"), (2025, "04-20"), (2027, "03-28")])
def test_easter_sunday_is_known(year: int, day: str) -> None:
    assert easter_sunday(year) == dt.date.fromisoformat(f"{year}-{day}")


@given(st.integers(1900, 2200))
def test_easter_is_a_sunday_in_its_season(year: int) -> None:
    easter = easter_sunday(year)
    assert easter.weekday() == 6
    assert dt.date(year, 3, 22) <= easter <= dt.date(year, 4, 25)


@pytest.mark.parametrize(
    ("received", "n", "last_day"),
    [
        ("2026-11-18", 2, "2026-11-20"),
        ("2026-11-20", 1, "2026-11-23"),  # a Friday
        ("2026-11-22", 1, "2026-11-23"),  # received on a Sunday
        ("2026-12-23", 2, "2026-12-29"),  # Christmas and its substitute day
        ("2027-03-25", 1, "2027-03-30"),  # Easter
        ("2026-10-26", 5, "2026-11-02"),  # half term is no holiday for an office
    ],
)
def test_a_working_day_standard_starts_the_day_after_receipt(
    received: str, n: int, last_day: str
) -> None:
    found = nth_working_day_after(dt.date.fromisoformat(received), n)
    assert found == dt.date.fromisoformat(last_day)


def test_the_day_of_receipt_is_not_a_working_day_after() -> None:
    with pytest.raises(ValueError, match="number 1"):
        nth_working_day_after(dt.date(2026, 11, 18), 0)


@given(DAYS, st.integers(1, 15))
def test_exactly_n_working_days_pass(day: dt.date, n: int) -> None:
    last = nth_working_day_after(day, n)
    passed = (day + dt.timedelta(days=offset) for offset in range(1, (last - day).days + 1))
    assert is_working_day(last)
    assert sum(map(is_working_day, passed)) == n


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        ("2026-09-07", "2026-09-07T08:20:00+00:00"),
        ("2026-10-23", "2026-10-23T08:20:00+00:00"),  # the last school day of summer time
        ("2026-11-02", "2026-11-02T09:20:00+00:00"),  # the first of winter time
        ("2027-03-25", "2027-03-25T09:20:00+00:00"),
        ("2027-04-12", "2027-04-12T08:20:00+00:00"),
    ],
)
def test_a_register_closes_by_the_wall_clock_on_both_sides_of_a_change(
    day: str, closes: str
) -> None:
    moment = register_closes_at(dt.date.fromisoformat(day), dt.time(8, 50), 30)
    assert moment.isoformat() == closes


@pytest.mark.parametrize(
    ("day", "start", "closes"),
    [
        (
            "2026-10-25",
            dt.time(0, 50),
            "2026-10-25T00:20:00+00:00",
        ),  # summer time ends at 01:00 UTC
        ("2027-03-28", dt.time(0, 50), "2027-03-28T01:20:00+00:00"),  # and begins at 01:00 UTC
    ],
)
def test_a_register_stays_open_for_its_minutes_over_a_change_of_the_clock(
    day: str, start: dt.time, closes: str
) -> None:
    assert register_closes_at(dt.date.fromisoformat(day), start, 30).isoformat() == closes


@given(DAYS, st.times(dt.time(6), dt.time(18)), st.integers(1, 30))
def test_a_register_closes_its_minutes_after_the_local_start(
    day: dt.date, start: dt.time, minutes: int
) -> None:
    moment = register_closes_at(day, start, minutes)
    assert moment.tzinfo is dt.UTC
    assert moment - in_utc(day, start) == dt.timedelta(minutes=minutes)
    assert moment.astimezone(LONDON).replace(tzinfo=None) == dt.datetime.combine(
        day, start
    ) + dt.timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-09-07T22:59:00+00:00", "2026-09-07"),
        ("2026-09-07T23:00:00+00:00", "2026-09-08"),  # midnight in summer
        ("2026-11-07T23:00:00+00:00", "2026-11-07"),
    ],
)
def test_the_date_is_the_one_in_england(moment: str, day: str) -> None:
    assert london_date(dt.datetime.fromisoformat(moment)).isoformat() == day


@pytest.mark.parametrize(
    ("day", "start", "minutes", "due"),
    [
        ("2026-09-07", dt.time(8, 50), (30, 5), "2026-09-07T08:25:00+00:00"),
        ("2026-09-07", dt.time(8, 50), (30, 0), "2026-09-07T08:20:00+00:00"),  # 0 is at closing
        ("2026-09-07", dt.time(13, 0), (15, 60), "2026-09-07T13:15:00+00:00"),
        ("2026-11-02", dt.time(8, 50), (30, 5), "2026-11-02T09:25:00+00:00"),  # winter time
        # Clocks go back at 01:00 UTC in the middle of the grace: it still lasts its minutes.
        ("2026-10-25", dt.time(1, 20), (30, 20), "2026-10-25T01:10:00+00:00"),
    ],
)
def test_contact_is_due_when_the_register_has_closed_and_the_grace_has_passed(
    day: str, start: dt.time, minutes: tuple[int, int], due: str
) -> None:
    open_minutes, grace_minutes = minutes
    moment = contact_due_at(
        dt.date.fromisoformat(day), start, open_minutes=open_minutes, grace_minutes=grace_minutes
    )
    assert moment.isoformat() == due
