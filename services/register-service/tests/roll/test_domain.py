from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from register_service.roll.domain import (
    Amendment,
    Enrolment,
    amend,
    check_place,
    enrolment_changed,
    tidy_year_group,
)

ENROLMENT = Enrolment(
    id=uuid7(),
    child_id=uuid7(),
    school_id=uuid7(),
    starts_on=date(2026, 9, 2),
    ends_on=None,
    year_group="7",
    class_code="7B",
    status="main",
    version=1,
)


def between(first: date, last: date | None) -> Enrolment:
    return replace(ENROLMENT, id=uuid7(), starts_on=first, ends_on=last)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("7", "7"),
        ("Year 7", "7"),
        ("y7", "7"),
        ("07", "7"),
        (" 10 ", "10"),
        ("R", "R"),
        ("n1", "N1"),
        ("X", "X"),
    ],
)
def test_a_year_group_has_one_spelling(sent: str, kept: str) -> None:
    assert tidy_year_group(sent) == kept


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"year_group": "15"}, "#/year_group"),
        ({"year_group": "0"}, "#/year_group"),
        ({"class_code": ""}, "#/class_code"),
        ({"ends_on": date(2026, 9, 1)}, "#/ends_on"),
    ],
)
def test_what_is_wrong_with_a_place_is_pointed_at(change: dict[str, object], pointer: str) -> None:
    wrong = replace(ENROLMENT, **change)  # type: ignore[arg-type] # a table of single fields
    assert [fault.pointer for fault in check_place(wrong, [])] == [pointer]


def test_a_child_may_leave_on_the_starting_day() -> None:
    assert list(check_place(replace(ENROLMENT, ends_on=ENROLMENT.starts_on), [])) == []


@pytest.mark.parametrize(
    ("first", "last", "overlaps"),
    [
        (date(2025, 9, 1), None, True),
        (date(2025, 9, 1), date(2026, 9, 2), True),
        (date(2025, 9, 1), date(2026, 9, 1), False),
        (date(2027, 9, 1), None, True),
    ],
)
def test_a_child_is_on_one_schools_roll_once_at_a_time(
    first: date, last: date | None, *, overlaps: bool
) -> None:
    faults = list(check_place(ENROLMENT, [between(first, last), ENROLMENT]))
    assert [fault.pointer for fault in faults] == (["#/starts_on"] if overlaps else [])


def test_a_child_who_left_may_come_back() -> None:
    left = replace(ENROLMENT, ends_on=date(2026, 10, 1))
    assert list(check_place(left, [between(date(2026, 10, 2), None)])) == []


def test_an_amendment_changes_what_it_names_and_moves_the_version_on() -> None:
    amended, faults = amend(ENROLMENT, Amendment(class_code=" 7C ", year_group="Year 8"), [])
    assert faults == []
    assert amended == replace(ENROLMENT, class_code="7C", year_group="8", version=2)


def test_an_amendment_to_the_same_changes_nothing() -> None:
    amended, faults = amend(ENROLMENT, Amendment(class_code="7B"), [ENROLMENT])
    assert (amended, faults) == (ENROLMENT, [])


def test_a_last_day_can_be_set_and_taken_away() -> None:
    left, _ = amend(ENROLMENT, Amendment(ends_on=date(2026, 12, 1)), [])
    stayed, _ = amend(left, Amendment(stays_on=True), [])
    assert (left.ends_on, stayed.ends_on, stayed.version) == (date(2026, 12, 1), None, 3)


def test_a_last_day_is_not_taken_away_when_the_child_has_come_back_since() -> None:
    left = replace(ENROLMENT, ends_on=date(2026, 10, 1))
    _, faults = amend(left, Amendment(stays_on=True), [left, between(date(2026, 11, 1), None)])
    assert len(faults) == 1


def test_the_announcement_names_no_name() -> None:
    event = enrolment_changed(ENROLMENT)
    assert (event.enrolment_id, event.class_code, event.version) == (ENROLMENT.id, "7B", 1)


days = st.dates(date(2020, 9, 1), date(2030, 8, 31))


@given(days, st.none() | days, days, st.none() | days)
def test_overlapping_does_not_depend_on_who_asks(
    first: date, last: date | None, other_first: date, other_last: date | None
) -> None:
    one, other = between(first, last), between(other_first, other_last)
    assert one.overlaps(other) == other.overlaps(one)
