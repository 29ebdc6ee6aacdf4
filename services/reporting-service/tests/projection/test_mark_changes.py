"""Which statements a batch becomes, and how marks add up."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session, slot
from attendance_contracts.codes import BY_NUMBER, NUMBER_OF, Code, StatisticalClass
from attendance_contracts.events import single_rows
from attendance_contracts.measures import Tally
from reporting_service.projection.domain import (
    AHEAD,
    CODE,
    COUNTS_AS,
    TO_COME,
    mark_changes,
    newest_registers,
    tally_of,
)
from reporting_testing.facts import ASchool

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
NOW = datetime(2026, 9, 8, 15, tzinfo=UTC)
FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)

tallies = st.builds(Tally, *[st.integers(0, 400)] * 3)


def test_a_morning_of_several_classes_is_one_statement_sorted_by_enrolment(school: ASchool) -> None:
    registers = [
        school.takes(MONDAY, Session.AM, {THIRD: "/", FIRST: "N"}),
        school.takes(MONDAY, Session.AM, {SECOND: "I"}),
    ]

    (changes,) = mark_changes(registers, NOW)

    assert (changes.school_year, changes.slot) == (2026, slot(MONDAY, Session.AM))
    assert changes.enrolments == [FIRST, SECOND, THIRD]
    assert list(changes.numbers) == [NUMBER_OF["N"], NUMBER_OF["I"], NUMBER_OF["/"]]


def test_each_session_of_a_batch_is_a_statement_of_its_own(school: ASchool) -> None:
    registers = [
        school.takes(day, half, {FIRST: "I"}) for day in (MONDAY, TUESDAY) for half in Session
    ]

    changes = mark_changes(registers, NOW)

    assert [one.slot for one in changes] == [12, 13, 14, 15]


def test_the_last_of_several_marks_for_one_session_is_stored(school: ASchool) -> None:
    registers = [school.takes(MONDAY, Session.AM, {FIRST: code}) for code in ("N", "/", "L")]

    (changes,) = mark_changes(registers, NOW)

    assert list(changes.numbers) == [NUMBER_OF["L"]]


def test_a_batch_over_the_summer_speaks_of_two_school_years(school: ASchool) -> None:
    registers = [school.takes(day, Session.AM, {FIRST: "/"}) for day in (date(2026, 7, 17), MONDAY)]

    assert [one.school_year for one in mark_changes(registers, NOW)] == [2025, 2026]


def test_a_register_cut_into_its_marks_says_the_same(school: ASchool) -> None:
    register = school.takes(MONDAY, Session.PM, {FIRST: "\\", SECOND: "N", THIRD: "U"})

    parts = single_rows(register)

    assert [len(part.enrolments) for part in parts] == [1, 1, 1]
    assert mark_changes(parts, NOW) == mark_changes([register], NOW)


def test_a_school_is_as_fresh_as_its_newest_register(school: ASchool) -> None:
    early, late = (datetime(2026, 9, 7, hour, tzinfo=UTC) for hour in (8, 9))
    registers = [
        school.takes(MONDAY, Session.AM, {FIRST: "/"}, at=moment) for moment in (late, early)
    ]

    assert newest_registers(registers) == {school.id: late}


@pytest.mark.parametrize("code", list(BY_NUMBER.values()), ids=lambda code: code.code)
def test_every_code_counts_in_its_own_class_and_no_other(code: Code) -> None:
    number = code.number
    counted = [table[number] for table in COUNTS_AS]

    expected = {
        StatisticalClass.ATTENDED: [1, 0, 0],
        StatisticalClass.AUTHORISED: [0, 1, 0],
        StatisticalClass.UNAUTHORISED: [0, 0, 1],
    }.get(BY_NUMBER[number].statistical, [0, 0, 0])
    assert counted == expected


@pytest.mark.parametrize(
    ("attended", "absent", "persistent", "severe", "percent"),
    [
        (0, 0, False, False, None),  # nothing possible: neither flag, no percentage
        (1, 0, False, False, 100.0),
        (0, 1, True, True, 0.0),
        (171, 19, True, False, 90.0),  # exactly 90 % attendance is persistent absence
        (172, 19, False, False, 90.1),
        (271, 30, False, False, 90.0),  # 90.03 is shown as 90.0 and is not
        (1, 1, True, True, 50.0),  # exactly half is severe
        (51, 50, True, False, 50.5),
        (1999, 1, False, False, 100.0),  # 99.95 rounds half up
        (1, 1999, True, True, 0.1),  # 0.05 rounds half up
    ],
)
def test_flags_are_exact_and_percentages_rounded(
    attended: int, absent: int, *, persistent: bool, severe: bool, percent: float | None
) -> None:
    tally = Tally(attended, unauthorised=absent)

    assert (tally.is_persistent, tally.is_severe) == (persistent, severe)
    assert tally.attendance_percent == percent


@given(tallies)
def test_severe_absence_is_always_persistent_absence(tally: Tally) -> None:
    assert tally.is_persistent or not tally.is_severe


@given(tallies, tallies)
def test_a_sum_of_enrolments_adds_numerators_and_denominators(one: Tally, other: Tally) -> None:
    together = one + other

    assert together.possible == one.possible + other.possible
    assert together.absent == one.absent + other.absent


@given(st.binary(max_size=732))
def test_only_possible_marks_of_sessions_that_have_begun_are_tallied(marks: bytes) -> None:
    codes = [BY_NUMBER.get(mark & CODE) for mark in marks if not mark & TO_COME]
    possible = [code for code in codes if code is not None and code.is_possible]

    assert tally_of(marks).possible == len(possible)


@pytest.mark.parametrize(
    ("code", "recorded", "heard", "byte"),
    [
        ("I", "07:49", "07:49", NUMBER_OF["I"] | AHEAD | TO_COME),
        ("I", "07:49", "07:50", NUMBER_OF["I"] | AHEAD),
        ("I", "07:50", "07:50", NUMBER_OF["I"]),
        ("/", "07:49", "07:49", NUMBER_OF["/"] | TO_COME),
        ("/", "07:49", "08:30", NUMBER_OF["/"]),
        ("N", "07:49", "07:49", NUMBER_OF["N"] | TO_COME),
    ],
)
def test_a_marks_byte_says_that_it_is_planned_and_that_it_was_entered_ahead(
    school: ASchool, code: str, recorded: str, heard: str, byte: int
) -> None:
    """The session begins at 07:50 UTC; the event may be heard later than it was recorded."""
    at, now = (datetime.fromisoformat(f"{MONDAY}T{one}:00Z") for one in (recorded, heard))

    (changes,) = mark_changes([school.takes(MONDAY, Session.AM, {FIRST: code}, at=at)], now)

    assert list(changes.numbers) == [byte]


def test_a_register_of_before_sessions_were_told_to_begin_begins_with_its_day(
    school: ASchool,
) -> None:
    register = replace(school.takes(TUESDAY, Session.PM, {FIRST: "I"}, at=NOW), begins_at=None)

    early, later = (
        mark_changes([replace(register, recorded_at=moment)], moment)[0].numbers[0]
        for moment in (
            datetime(2026, 9, 7, 22, 59, tzinfo=UTC),
            datetime(2026, 9, 7, 23, tzinfo=UTC),
        )
    )

    assert (early & TO_COME, later & TO_COME) == (TO_COME, 0)


def test_no_codes_number_reaches_the_bits_beside_it() -> None:
    assert all(number & CODE == number for number in NUMBER_OF.values())
