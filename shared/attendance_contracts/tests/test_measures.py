"""Persistent and severe absence, at and beside their lines, as the exact method has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.measures import NO_SESSIONS, NO_TOTALS, Tally, Totals

COUNTS = st.integers(0, 400)
TALLIES = st.builds(Tally, COUNTS, COUNTS, COUNTS)


@pytest.mark.parametrize(
    ("attended", "authorised", "unauthorised", "persistent", "severe"),
    [
        (0, 0, 0, False, False),  # nothing was possible
        (1, 0, 0, False, False),
        (9, 0, 1, True, False),  # 10 % exactly
        (9, 1, 0, True, False),  # authorised or not
        (10, 0, 1, False, False),  # 9.09 %
        (2705, 150, 150, False, False),  # attendance 90.0 when rounded, absence 9.98 %
        (2704, 150, 151, True, False),  # attendance 90.0 when rounded, absence 10.02 %
        (1, 0, 1, True, True),  # half exactly
        (101, 50, 50, True, False),  # just less than half
        (0, 0, 1, True, True),
    ],
)
def test_persistent_is_a_tenth_or_more_and_severe_half_or_more_of_what_was_possible(
    *, attended: int, authorised: int, unauthorised: int, persistent: bool, severe: bool
) -> None:
    tally = Tally(attended, authorised, unauthorised)
    assert (tally.is_persistent, tally.is_severe) == (persistent, severe)


def test_both_sides_of_the_line_may_show_the_same_percentage() -> None:
    above, below = Tally(2704, 150, 151), Tally(2705, 150, 150)
    assert above.attendance_percent == below.attendance_percent == 90.0
    assert above.is_persistent
    assert not below.is_persistent


@pytest.mark.parametrize(
    ("attended", "absent", "percent"),
    [(0, 0, None), (0, 7, 0.0), (7, 0, 100.0), (2, 1, 66.7), (1, 2, 33.3), (1999, 1, 100.0)],
)
def test_attendance_is_shown_with_one_decimal_half_up(
    attended: int, absent: int, percent: float | None
) -> None:
    assert Tally(attended, 0, absent).attendance_percent == percent


def test_shares_are_of_the_enrolments() -> None:
    totals = Totals(Tally(900, 60, 40), enrolments=8, persistent=3, severe=1)
    assert (totals.persistent_percent, totals.severe_percent) == (37.5, 12.5)
    assert (NO_TOTALS.persistent_percent, NO_TOTALS.severe_percent) == (None, None)


@given(TALLIES)
def test_whoever_is_severely_absent_is_persistently_absent_too(tally: Tally) -> None:
    assert tally.is_persistent or not tally.is_severe


@given(TALLIES, TALLIES)
def test_tallies_add_up_class_by_class(one: Tally, other: Tally) -> None:
    both = one + other
    assert both.possible == one.possible + other.possible
    assert both.absent == one.absent + other.absent
    assert one + NO_SESSIONS == one
