"""Which days have left a child's place on roll, or joined it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.counting import OnRoll
from register_service.absences.domain import days_moved

TODAY = date(2026, 11, 20)
STARTS = date(2026, 9, 2)


@pytest.mark.parametrize(
    ("before", "after", "days"),
    [
        (OnRoll(STARTS), OnRoll(STARTS, date(2026, 11, 18)), [19, 20]),
        (OnRoll(STARTS, date(2026, 11, 18)), OnRoll(STARTS), [19, 20]),
        (OnRoll(STARTS), OnRoll(STARTS, date(2027, 1, 8)), []),
        (OnRoll(date(2026, 11, 17)), OnRoll(date(2026, 11, 19)), [17, 18]),
        (OnRoll(date(2025, 9, 1)), OnRoll(date(2026, 1, 5)), []),
        (OnRoll(STARTS), OnRoll(STARTS), []),
    ],
    ids=["left", "stays", "leaves later", "starts later", "another year", "nothing moved"],
)
def test_days_of_this_school_year_up_to_today(
    before: OnRoll, after: OnRoll, days: list[int]
) -> None:
    assert [day.day for day in days_moved(before, after, TODAY)] == days


_days = st.dates(date(2026, 6, 1), date(2027, 3, 1))
_places = st.builds(OnRoll, _days, st.none() | _days)


@given(before=_places, after=_places)
def test_they_are_all_days_on_which_only_one_of_the_two_holds(
    before: OnRoll, after: OnRoll
) -> None:
    year = [date(2026, 9, 1) + timedelta(number) for number in range(81)]
    assert year[-1] == TODAY
    assert days_moved(before, after, TODAY) == [
        day for day in year if (day in before) != (day in after)
    ]
