"""Compulsory school age, worked by hand from the prescribed days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.ages import is_of_compulsory_age


@pytest.mark.parametrize(
    ("born", "first"),
    [
        (date(2021, 8, 31), date(2026, 8, 31)),  # five on a prescribed day
        (date(2021, 9, 1), date(2026, 12, 31)),
        (date(2021, 12, 31), date(2026, 12, 31)),
        (date(2022, 1, 1), date(2027, 3, 31)),
        (date(2022, 4, 1), date(2027, 8, 31)),
        (date(2020, 2, 29), date(2025, 3, 31)),
    ],
)
def test_a_child_must_attend_from_the_prescribed_day_on(born: date, first: date) -> None:
    assert is_of_compulsory_age(born, first)
    assert not is_of_compulsory_age(born, date.fromordinal(first.toordinal() - 1))


@pytest.mark.parametrize(
    ("born", "last"),
    [
        (date(2010, 9, 1), date(2027, 6, 25)),  # the eldest of year 11
        (date(2011, 8, 31), date(2027, 6, 25)),  # the youngest
        (date(2010, 8, 31), date(2026, 6, 26)),  # a day older: the year before
        (date(2012, 2, 29), date(2028, 6, 30)),  # a 30 June that is itself a Friday
    ],
)
def test_a_child_must_attend_to_the_last_friday_in_june(born: date, last: date) -> None:
    assert is_of_compulsory_age(born, last)
    assert not is_of_compulsory_age(born, date.fromordinal(last.toordinal() + 1))


@given(born=st.dates(date(1990, 1, 1), date(2030, 12, 31)), age=st.integers(6, 15))
def test_every_child_of_six_to_fifteen_must_attend(born: date, age: int) -> None:
    assert is_of_compulsory_age(born, date(born.year + age, born.month, min(born.day, 28)))
