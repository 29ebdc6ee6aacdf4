"""Whom a register's keys name, on the rolls of a class and of its school."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register_service.registers.domain import (
    SentMark,
    missing_pupils,
    name_pupils,
    unnamed_marks,
)
from register_service.roll.domain import Pupil, on_roll

MONDAY = date(2026, 9, 7)


def a_pupil(number: int, key: str | None) -> Pupil:
    return Pupil(key, UUID(int=number), UUID(int=100 + number), date(2026, 9, 1), None)


def a_mark(position: int, key: str, scheme: str = "MIS_ID") -> SentMark:
    return SentMark(position, scheme, key, "/")


CLASS = {"MIS_ID": [a_pupil(1, "a"), a_pupil(2, "b"), a_pupil(3, "b"), a_pupil(4, None)]}
SCHOOL = {"MIS_ID": [*CLASS["MIS_ID"], a_pupil(5, "e")]}
BOTH_SCHEMES = {"MIS_ID": [a_pupil(1, "a")], "UPN": [a_pupil(1, "U1"), a_pupil(2, "U2")]}


@pytest.mark.parametrize(
    ("marks", "rolls", "named"),
    [
        ([a_mark(0, "a")], [CLASS], [1]),
        ([a_mark(0, "nobody's")], [CLASS], [None]),
        ([a_mark(0, "b")], [CLASS], [None]),  # two pupils share it: whose mark would it be?
        ([a_mark(0, "e"), a_mark(1, "a")], [CLASS], [None, 1]),
        ([a_mark(0, "e"), a_mark(1, "a")], [CLASS, SCHOOL], [5, 1]),
        ([a_mark(0, "a"), a_mark(1, "U1", "UPN")], [BOTH_SCHEMES], [1, None]),
        ([a_mark(0, "U1", "UPN"), a_mark(1, "a")], [BOTH_SCHEMES], [1, None]),
        ([a_mark(0, "a"), a_mark(1, "U2", "UPN")], [BOTH_SCHEMES], [1, 2]),
        ([], [CLASS], []),
    ],
)
def test_a_key_names_one_pupil_or_nobody(
    marks: Sequence[SentMark],
    rolls: Sequence[Mapping[str, Sequence[Pupil]]],
    named: Sequence[int | None],
) -> None:
    found = name_pupils(marks, rolls)
    assert [pupil and pupil.enrolment_id.int for pupil in found] == named
    refused = unnamed_marks(marks, found)
    assert [wrong.position for wrong in refused] == [
        mark.position for mark, pupil in zip(marks, named, strict=True) if pupil is None
    ]


def test_who_is_on_roll_without_a_mark_is_missing() -> None:
    named = [pupil for pupil in name_pupils([a_mark(0, "a")], [CLASS]) if pupil]
    assert [enrolment.int for enrolment in missing_pupils(CLASS["MIS_ID"], named)] == [2, 3, 4]


@pytest.mark.parametrize(
    ("starts", "ends", "is_on_roll"),
    [(0, None, True), (1, None, False), (-9, 0, True), (-9, -1, False), (-9, 1, True)],
)
def test_first_and_last_day_are_on_roll(starts: int, ends: int | None, is_on_roll: bool) -> None:
    pupil = Pupil(
        "a",
        UUID(int=1),
        UUID(int=2),
        MONDAY + timedelta(days=starts),
        None if ends is None else MONDAY + timedelta(days=ends),
    )
    assert on_roll([pupil], MONDAY) == ([pupil] if is_on_roll else [])


KEYS = st.sampled_from("abcde")


@given(
    st.lists(st.tuples(st.integers(1, 6), KEYS), unique=True),
    st.lists(KEYS, unique=True),
)
def test_no_enrolment_gets_two_marks_and_no_mark_two_enrolments(
    lines: list[tuple[int, str]], keys: list[str]
) -> None:
    roll = [a_pupil(number, key) for number, key in lines]
    marks = [a_mark(place, key) for place, key in enumerate(keys)]
    found = name_pupils(marks, [{"MIS_ID": roll}])
    named = [pupil for pupil in found if pupil]
    assert len({pupil.enrolment_id for pupil in named}) == len(named)
    for mark, pupil in zip(marks, found, strict=True):
        holders = {line.enrolment_id for line in roll if line.key == mark.key}
        assert pupil is None or holders == {pupil.enrolment_id}
    missing = missing_pupils(roll, named)
    assert sorted(enrolment.int for enrolment in missing) == sorted(
        {number for number, _ in lines} - {pupil.enrolment_id.int for pupil in named}
    )
