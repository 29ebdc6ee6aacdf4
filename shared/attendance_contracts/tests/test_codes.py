"""The code table, code by code, as the 2024 regulations and the Department's statistics have it."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session
from attendance_contracts.codes import (
    ABSENCE,
    ATTENDED,
    AUTHORISED,
    BY_NUMBER,
    CODES,
    DELETION_GROUND,
    LATE,
    NO_MARK,
    NOT_COLLECTED,
    NOT_POSSIBLE,
    NUMBER_OF,
    PENALTY_NOTICE,
    POSSIBLE,
    REASON_REQUIRED,
    SICKNESS_RETURN,
    TABLE_STARTS,
    UNAUTHORISED,
    UNEXPLAINED,
    Code,
    LegalCategory,
    PhysicalState,
    StatisticalClass,
    code_on,
    numbers_of,
)

TODAY = dt.date(2026, 11, 20)

# code: number for ever, heading of the regulation, class in the statistics, where the child is
TABLE = {
    "/": (1, "ATTENDING", "ATTENDED", "PRESENT"),
    "\\": (2, "ATTENDING", "ATTENDED", "PRESENT"),
    "L": (3, "ATTENDING", "ATTENDED", "LATE"),
    "K": (4, "ATTENDING_ELSEWHERE", "ATTENDED", "ELSEWHERE"),
    "V": (5, "ATTENDING_ELSEWHERE", "ATTENDED", "ELSEWHERE"),
    "P": (6, "ATTENDING_ELSEWHERE", "ATTENDED", "ELSEWHERE"),
    "W": (7, "ATTENDING_ELSEWHERE", "ATTENDED", "ELSEWHERE"),
    "B": (8, "ATTENDING_ELSEWHERE", "ATTENDED", "ELSEWHERE"),
    "D": (9, "OTHER_SCHOOL", "NOT_POSSIBLE", "ELSEWHERE"),
    "C": (10, "LEAVE", "AUTHORISED", "ABSENT"),
    "C1": (11, "LEAVE", "AUTHORISED", "ABSENT"),
    "C2": (12, "LEAVE", "AUTHORISED", "ABSENT"),
    "J1": (13, "LEAVE", "AUTHORISED", "ABSENT"),
    "M": (14, "LEAVE", "AUTHORISED", "ABSENT"),
    "S": (15, "LEAVE", "AUTHORISED", "ABSENT"),
    "X": (16, "LEAVE", "NOT_POSSIBLE", "NOT_REQUIRED"),
    "R": (17, "AUTHORISED", "AUTHORISED", "ABSENT"),
    "I": (18, "AUTHORISED", "AUTHORISED", "ABSENT"),
    "T": (19, "AUTHORISED", "AUTHORISED", "ABSENT"),
    "E": (20, "AUTHORISED", "AUTHORISED", "ABSENT"),
    "Q": (21, "UNABLE", "NOT_POSSIBLE", "ABSENT"),
    "Y1": (22, "UNABLE", "NOT_POSSIBLE", "ABSENT"),
    "Y2": (23, "UNABLE", "NOT_POSSIBLE", "ABSENT"),
    "Y3": (24, "UNABLE", "NOT_POSSIBLE", "NOT_REQUIRED"),
    "Y4": (25, "UNABLE", "NOT_POSSIBLE", "NOT_REQUIRED"),
    "Y5": (26, "UNABLE", "NOT_POSSIBLE", "ABSENT"),
    "Y6": (27, "UNABLE", "NOT_POSSIBLE", "ABSENT"),
    "Y7": (28, "UNABLE", "NOT_POSSIBLE", "ABSENT"),
    "G": (29, "UNAUTHORISED", "UNAUTHORISED", "ABSENT"),
    "N": (30, "UNAUTHORISED", "UNAUTHORISED", "ABSENT"),
    "O": (31, "UNAUTHORISED", "UNAUTHORISED", "ABSENT"),
    "U": (32, "UNAUTHORISED", "UNAUTHORISED", "LATE"),
    "Z": (33, "ADMINISTRATIVE", "NOT_COLLECTED", "NOT_REQUIRED"),
    "#": (34, "ADMINISTRATIVE", "NOT_COLLECTED", "NOT_REQUIRED"),
    "H": (35, "LEAVE", "AUTHORISED", "ABSENT"),
    "F": (36, "LEAVE", "AUTHORISED", "ABSENT"),
    "J": (37, "ATTENDING_ELSEWHERE", "ATTENDED", "ELSEWHERE"),
    "Y": (38, "UNABLE", "NOT_POSSIBLE", "ABSENT"),
}
SINCE_2024 = {"K", "C1", "C2", "J1", "Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"}


def the_code(code: str, day: dt.date = TODAY) -> Code:
    found = code_on(code, day)
    assert found is not None
    return found


def test_the_table_holds_these_codes_and_no_other() -> None:
    numbers = {code: row[0] for code, row in TABLE.items()}
    assert numbers == NUMBER_OF


@pytest.mark.parametrize(("code", "row"), TABLE.items())
def test_a_code_has_its_heading_class_and_place(code: str, row: tuple[int, str, str, str]) -> None:
    number, legal, statistical, physical = row
    found = the_code(code)
    assert found.number == number
    assert found.legal is LegalCategory[legal]
    assert found.statistical is StatisticalClass[statistical]
    assert found.physical is PhysicalState[physical]


@pytest.mark.parametrize("code", TABLE)
def test_only_the_two_present_marks_belong_to_one_session(code: str) -> None:
    expected = {"/": {Session.AM}, "\\": {Session.PM}}.get(code, set(Session))
    assert the_code(code).sessions == expected


@pytest.mark.parametrize("code", sorted(SINCE_2024))
def test_a_code_of_2024_is_not_in_force_before_19_august_2024(code: str) -> None:
    assert code_on(code, dt.date(2024, 8, 18)) is None
    assert the_code(code, dt.date(2024, 8, 19)).warning is None


@pytest.mark.parametrize("code", sorted(TABLE.keys() - SINCE_2024))
def test_an_older_code_is_in_force_from_the_start_of_the_table(code: str) -> None:
    assert the_code(code, TABLE_STARTS).warning is None
    assert code_on(code, TABLE_STARTS - dt.timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("code", "last_day", "counted_as"),
    [
        ("H", "2024-08-18", "authorised"),
        ("F", "2013-08-31", "authorised"),
        ("J", "2024-08-18", "attended"),
        ("Y", "2024-08-18", "not possible"),
    ],
)
def test_a_withdrawn_code_is_accepted_with_a_warning_and_its_own_class(
    code: str, last_day: str, counted_as: str
) -> None:
    day = dt.date.fromisoformat(last_day)
    before, after = the_code(code, day), the_code(code, day + dt.timedelta(days=1))
    assert before.warning is None
    assert after.warning is not None
    assert f"still counts as {counted_as}" in after.warning
    assert before.statistical is after.statistical is StatisticalClass(counted_as)
    assert BY_NUMBER[NUMBER_OF[code]] is before


@pytest.mark.parametrize("code", ["-", "", "n", "Y8", " N", "//"])
def test_anything_else_is_no_code(code: str) -> None:
    assert code_on(code, TODAY) is None


def test_the_rows_of_one_code_never_overlap_and_differ_in_dates_and_warning_only() -> None:
    for first, second in pairwise(CODES):
        if first.code == second.code:
            assert first.valid_to is not None
            assert first.valid_to + dt.timedelta(days=1) == second.valid_from
            assert (first.number, first.legal, first.statistical, first.physical) == (
                second.number,
                second.legal,
                second.statistical,
                second.physical,
            )


@pytest.mark.parametrize("row", CODES, ids=lambda row: f"{row.code} {row.valid_from}")
def test_a_number_is_a_byte_that_leads_back_to_its_code(row: Code) -> None:
    assert NO_MARK < row.number < 128
    assert BY_NUMBER[row.number].code == row.code


def test_the_classes_part_all_codes() -> None:
    classes = [ATTENDED, AUTHORISED, UNAUTHORISED, NOT_POSSIBLE, NOT_COLLECTED]
    assert frozenset().union(*classes) == TABLE.keys()
    assert sum(map(len, classes)) == len(TABLE)


@pytest.mark.parametrize(
    ("derived", "codes"),
    [
        (ATTENDED, "/ \\ L K V P W B J"),
        (AUTHORISED, "I M R S T E C C1 C2 J1 H F"),
        (UNAUTHORISED, "G N O U"),
        (NOT_POSSIBLE, "D Q X Y Y1 Y2 Y3 Y4 Y5 Y6 Y7"),
        (NOT_COLLECTED, "Z #"),
        (PENALTY_NOTICE, "G N O U"),
        (DELETION_GROUND, "G N O"),
        (UNEXPLAINED, "N"),
        (SICKNESS_RETURN, "I"),
        (LATE, "L U"),
        (REASON_REQUIRED, "Y7"),
    ],
)
def test_a_derived_set_holds_what_law_and_statistics_say(
    derived: frozenset[str], codes: str
) -> None:
    assert derived == set(codes.split())


def test_absences_and_attendances_make_up_the_possible_sessions() -> None:
    assert POSSIBLE == ATTENDED | AUTHORISED | UNAUTHORISED
    assert ABSENCE == POSSIBLE - ATTENDED


@pytest.mark.parametrize("code", TABLE)
def test_a_code_answers_by_class_and_by_place(code: str) -> None:
    found = the_code(code)
    assert found.is_possible == (code in POSSIBLE)
    assert found.is_absence == (code in ABSENCE)
    assert found.is_away == (TABLE[code][3] == "ABSENT")


def test_a_child_marked_u_is_in_school_and_still_an_absence() -> None:
    late = the_code("U")
    assert late.is_absence
    assert not late.is_away


def test_codes_have_the_bytes_they_are_stored_as() -> None:
    assert numbers_of(DELETION_GROUND) == {29, 30, 31}
    with pytest.raises(KeyError):
        numbers_of(["-"])


@given(st.sampled_from(sorted(TABLE)), st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1)))
def test_a_code_once_in_force_stays_readable_and_never_changes_class(
    code: str, day: dt.date
) -> None:
    found = code_on(code, day)
    if found is None:
        assert all(day < row.valid_from for row in CODES if row.code == code)
    else:
        assert found.valid_from <= day
        assert found.statistical is BY_NUMBER[found.number].statistical
