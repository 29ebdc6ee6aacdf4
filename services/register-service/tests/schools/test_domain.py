from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from register_service.schools.domain import (
    School,
    SchoolSettings,
    check_settings,
    decide_schools,
    school_changed,
)
from register_service.states import State

SETTINGS = SchoolSettings(
    urn="100001",
    name="Example Primary School",
    phase="primary",
    authority_code="332",
    am_starts_at=time(8, 50),
    pm_starts_at=time(13, 0),
    register_open_minutes=30,
)
OWNER = "authority:332"


def decided(
    *lines: SchoolSettings, known: School | None = None, organisation: str = OWNER
) -> list[State]:
    decisions = decide_schools(
        dict(enumerate(lines, 1)),
        {} if known is None else {known.urn: known},
        [uuid7() for _ in lines],
        organisation=organisation,
    )
    return [decision.state for decision in decisions]


def kept(settings: SchoolSettings = SETTINGS) -> School:
    [decision] = decide_schools({1: settings}, {}, [uuid7()], organisation=OWNER)
    assert decision.school is not None
    return decision.school


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"urn": "01234"}, "#/urn"),
        ({"authority_code": "33"}, "#/authority_code"),
        ({"register_open_minutes": 31}, "#/register_open_minutes"),
        ({"register_open_minutes": 0}, "#/register_open_minutes"),
        ({"contact_grace_minutes": -1}, "#/contact_grace_minutes"),
        ({"contact_grace_minutes": 121}, "#/contact_grace_minutes"),
        ({"hours_per_day": 0.5}, "#/hours_per_day"),
        ({"hours_per_day": 6.25}, "#/hours_per_day"),
        ({"contact_codes": ("I",)}, "#/contact_codes"),
        ({"contact_codes": ()}, "#/contact_codes"),
        ({"contact_codes": ("N", "N")}, "#/contact_codes"),
        ({"pm_starts_at": time(8, 50)}, "#/pm_starts_at"),
    ],
)
def test_a_setting_outside_its_limits_is_pointed_at(
    change: dict[str, object], pointer: str
) -> None:
    wrong = replace(SETTINGS, **change)  # type: ignore[arg-type] # a table of single fields
    assert [fault.pointer for fault in check_settings(wrong)] == [pointer]


@pytest.mark.parametrize(
    "change",
    [
        {"register_open_minutes": 1},
        {"register_open_minutes": 30},
        {"contact_grace_minutes": 0},
        {"contact_codes": ("N", "O", "U")},
        {"hours_per_day": 7.0},
    ],
)
def test_a_setting_at_its_limit_is_accepted(change: dict[str, object]) -> None:
    right = replace(SETTINGS, **change)  # type: ignore[arg-type] # a table of single fields
    assert check_settings(right) == []


def test_several_wrong_settings_are_all_pointed_at() -> None:
    wrong = replace(SETTINGS, urn="1", register_open_minutes=45)
    assert len(check_settings(wrong)) == 2


def test_a_new_school_is_created_in_version_1() -> None:
    assert kept().version == 1


def test_the_same_settings_again_change_nothing() -> None:
    assert decided(SETTINGS, known=kept()) == [State.UNCHANGED]


def test_other_settings_move_the_version_on() -> None:
    before = kept()
    renamed = replace(SETTINGS, name="Heron Way Primary School")
    [decision] = decide_schools({1: renamed}, {before.urn: before}, [uuid7()], organisation=OWNER)
    assert decision.state is State.CHANGED
    assert decision.school == replace(before, name="Heron Way Primary School", version=2)


def test_another_authority_can_neither_create_nor_change_a_school() -> None:
    assert decided(SETTINGS, organisation="authority:333") == [State.REFUSED]
    assert decided(SETTINGS, known=kept(), organisation="authority:333") == [State.REFUSED]


def test_an_authority_cannot_take_a_school_by_naming_itself() -> None:
    taken = replace(SETTINGS, authority_code="333")
    assert decided(taken, known=kept(), organisation="authority:333") == [State.REFUSED]


def test_an_authority_can_hand_its_school_over() -> None:
    assert decided(replace(SETTINGS, authority_code="333"), known=kept()) == [State.CHANGED]


def test_a_school_named_twice_in_one_request_is_taken_once() -> None:
    assert decided(SETTINGS, SETTINGS) == [State.CREATED, State.REFUSED]


def test_a_bad_line_does_not_spoil_its_neighbour() -> None:
    bad = replace(SETTINGS, urn="100002", register_open_minutes=60)
    assert decided(bad, SETTINGS) == [State.REFUSED, State.CREATED]


def test_the_announcement_says_everything_the_register_keeps() -> None:
    school = kept()
    event = school_changed(school)
    assert (event.school_id, event.urn, event.version) == (school.id, "100001", 1)
    assert event.contact_codes == ("N",)


@given(minutes=st.integers(-1000, 1000))
def test_no_register_is_ever_open_longer_than_thirty_minutes(minutes: int) -> None:
    accepted = not check_settings(replace(SETTINGS, register_open_minutes=minutes))
    assert accepted == (1 <= minutes <= 30)
