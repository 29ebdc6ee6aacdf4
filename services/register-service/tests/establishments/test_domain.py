"""What a line of the list may say, and what the list opens."""

from dataclasses import replace
from datetime import date

import pytest

from register_service.establishments.domain import (
    Establishment,
    Status,
    changes_in,
    check_establishment,
    decide,
)
from register_service.lines.domain import State

SCHOOL = Establishment(
    urn="100001",
    authority_code="332",
    number="2001",
    name="Heron Way Primary School",
    kind="Community school",
    phase="primary",
    opened_on=date(1998, 9, 1),
)
LAST_DAY = date(2026, 8, 31)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"urn": "10001"}, "#/urn"),
        ({"urn": "012345"}, "#/urn"),
        ({"urn": " 100001"}, "#/urn"),
        ({"authority_code": "33"}, "#/authority_code"),
        ({"authority_code": "33\u0662"}, "#/authority_code"),
        ({"number": "201"}, "#/number"),
        ({"number": ""}, "#/number"),
        ({"name": " "}, "#/name"),
        ({"name": "S" * 201}, "#/name"),
        ({"kind": "S" * 201}, "#/kind"),
        ({"kind": " "}, "#/kind"),
    ],
)
def test_what_no_register_of_schools_says_is_pointed_at(
    change: dict[str, str], pointer: str
) -> None:
    wrong = replace(SCHOOL, **change)  # type: ignore[arg-type] # a table of single fields
    assert [fault.pointer for fault in check_establishment(wrong)] == [pointer]


def test_a_line_needs_no_more_than_urn_authority_and_name() -> None:
    bare = Establishment(urn="100001", authority_code="332", name="Heron Way Primary School")
    assert check_establishment(bare) == check_establishment(SCHOOL) == []


def test_only_what_the_list_says_anew_is_a_change() -> None:
    moved = replace(SCHOOL, urn="100002", authority_code="333")
    known = {"100001": SCHOOL, "100002": replace(moved, authority_code="332")}
    new = replace(SCHOOL, urn="100003")
    decisions = decide({2: SCHOOL, 3: moved, 4: new}, known)
    assert [one.state for one in decisions] == [State.UNCHANGED, State.CHANGED, State.CREATED]
    assert changes_in(decisions) == [moved, new]


def test_of_two_lines_on_one_school_the_first_is_taken() -> None:
    again = replace(SCHOOL, authority_code="333")
    first, second = decide({2: SCHOOL, 3: again}, {})
    assert (first.state, second.state) == (State.CREATED, State.REFUSED)
    assert [fault.pointer for fault in second.faults] == ["#/urn"]
    assert changes_in([first, second]) == [SCHOOL]


@pytest.mark.parametrize(
    ("kind", "keeps"),
    [
        (None, True),
        ("Community school", True),
        ("Academy converter", True),
        ("Pupil referral unit", True),
        ("Other independent school", True),
        ("A type that is new next year", True),
        ("Children's centre", False),
        ("Children's centre linked site", False),
        ("Further education", False),
        ("Welsh establishment", False),
    ],
)
def test_what_is_no_school_keeps_no_register(kind: str | None, keeps: bool) -> None:
    assert replace(SCHOOL, kind=kind).keeps_registers == keeps


@pytest.mark.parametrize(
    ("status", "today", "closed"),
    [
        (Status.OPEN, date(2026, 9, 1), False),
        (Status.PROPOSED_TO_OPEN, date(2026, 8, 1), False),
        (Status.PROPOSED_TO_CLOSE, LAST_DAY, False),
        (Status.PROPOSED_TO_CLOSE, date(2026, 9, 1), True),
        (Status.CLOSED, date(2026, 8, 1), True),
    ],
)
def test_a_school_has_closed_by_its_status_or_after_its_last_day(
    status: Status, today: date, closed: bool
) -> None:
    assert replace(SCHOOL, status=status, closed_on=LAST_DAY).is_closed(today) == closed


def test_a_proposal_to_close_without_a_day_closes_nothing() -> None:
    assert not replace(SCHOOL, status=Status.PROPOSED_TO_CLOSE).is_closed(date(2030, 1, 1))
