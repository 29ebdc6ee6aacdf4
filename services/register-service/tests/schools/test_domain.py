from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from register_service.establishments.domain import Establishment, Status
from register_service.lines.domain import State
from register_service.schools.domain import (
    Decision,
    School,
    SchoolSettings,
    check_settings,
    decide_schools,
    moved,
    school_changed,
)

SETTINGS = SchoolSettings(
    urn="100001",
    name="Example Primary School",
    phase="primary",
    authority_code="332",
    am_starts_at=time(8, 50),
    pm_starts_at=time(13, 0),
    register_open_minutes=30,
)
LISTED = Establishment(urn="100001", authority_code="332", name="Example Primary School")
CLOSED = replace(LISTED, status=Status.CLOSED)
TODAY = date(2026, 11, 20)


def decided(
    *lines: SchoolSettings, known: School | None = None, given: Establishment | None = LISTED
) -> list[Decision]:
    return decide_schools(
        dict(enumerate(lines, 1)),
        {} if known is None else {known.urn: known},
        [uuid7() for _ in lines],
        given={} if given is None else {given.urn: given},
        today=TODAY,
    )


def states(decisions: list[Decision]) -> list[State]:
    return [decision.state for decision in decisions]


def pointers(decision: Decision) -> list[str]:
    return [fault.pointer for fault in decision.faults]


def kept(settings: SchoolSettings = SETTINGS) -> School:
    [decision] = decided(settings)
    assert decision.school is not None
    return decision.school


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "Enrol at example.org"}, "#/name"),
        ({"name": "Example\nSchool"}, "#/name"),
        ({"register_open_minutes": 31}, "#/register_open_minutes"),
        ({"register_open_minutes": 0}, "#/register_open_minutes"),
        ({"contact_grace_minutes": -1}, "#/contact_grace_minutes"),
        ({"contact_grace_minutes": 121}, "#/contact_grace_minutes"),
        ({"register_missing_after_minutes": 4}, "#/register_missing_after_minutes"),
        ({"register_missing_after_minutes": 241}, "#/register_missing_after_minutes"),
        (
            {"contact_grace_minutes": 60, "register_missing_after_minutes": 45},
            "#/register_missing_after_minutes",
        ),
        ({"hours_per_day": 0.5}, "#/hours_per_day"),
        ({"hours_per_day": 12.01}, "#/hours_per_day"),
        ({"contact_codes": ("I",)}, "#/contact_codes"),
        ({"contact_codes": ()}, "#/contact_codes"),
        ({"contact_codes": ("N", "N")}, "#/contact_codes"),
        ({"quiet_from": time(7)}, "#/quiet_from"),
        ({"quiet_from": time(8), "quiet_until": time(8)}, "#/quiet_from"),
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
        {"register_missing_after_minutes": 5},
        {"register_missing_after_minutes": 240},
        {"contact_grace_minutes": 0, "register_missing_after_minutes": 0},
        {"contact_codes": ("N", "O", "U")},
        {"hours_per_day": 7.0},
        {"quiet_from": time(18, 30), "quiet_until": time(9)},
        {"quiet_from": time(23, 59), "quiet_until": time(0)},
    ],
)
def test_a_setting_at_its_limit_is_accepted(change: dict[str, object]) -> None:
    right = replace(SETTINGS, **change)  # type: ignore[arg-type] # a table of single fields
    assert check_settings(right) == []


@pytest.mark.parametrize(
    ("sent", "held"),
    [(6.5, 6.5), (6.25, 6.25), (6.42, 6.4167), (6.4167, 6.4167), (6 + 25 / 60, 6.4167), (1.0, 1.0)],
)
def test_a_school_day_has_any_number_of_minutes(sent: float, held: float) -> None:
    school = kept(replace(SETTINGS, hours_per_day=sent))
    assert school.hours_per_day == held
    again = replace(SETTINGS, hours_per_day=sent)
    assert states(decided(again, known=school)) == [State.UNCHANGED]


def test_several_wrong_settings_are_all_pointed_at() -> None:
    wrong = replace(SETTINGS, name="www.example.org", register_open_minutes=45)
    assert len(check_settings(wrong)) == 2


def test_a_new_school_is_created_in_version_1() -> None:
    assert kept().version == 1


def test_the_same_settings_again_change_nothing() -> None:
    assert states(decided(SETTINGS, known=kept())) == [State.UNCHANGED]


def test_other_settings_move_the_version_on() -> None:
    before = kept()
    renamed = replace(SETTINGS, name="Heron Way Primary School")
    [decision] = decided(renamed, known=before)
    assert decision.state is State.CHANGED
    assert decision.school == replace(before, name="Heron Way Primary School", version=2)


@pytest.mark.parametrize("known", [None, kept()], ids=["new", "kept"])
def test_a_school_that_the_list_does_not_give_is_neither_created_nor_changed(
    known: School | None,
) -> None:
    [decision] = decided(SETTINGS, known=known, given=None)
    assert (decision.state, pointers(decision)) == (State.REFUSED, ["#/urn"])


def test_settings_never_move_a_school_to_another_area() -> None:
    [decision] = decided(replace(SETTINGS, authority_code="333"), known=kept())
    assert (decision.state, pointers(decision)) == (State.REFUSED, ["#/authority_code"])


def test_a_school_that_has_closed_is_not_begun() -> None:
    [decision] = decided(SETTINGS, given=CLOSED)
    assert (decision.state, pointers(decision)) == (State.REFUSED, ["#/urn"])


def test_a_kept_school_that_has_closed_can_still_be_set_right() -> None:
    renamed = replace(SETTINGS, name="Heron Way Primary School")
    assert states(decided(renamed, known=kept(), given=CLOSED)) == [State.CHANGED]


def test_a_list_moves_only_the_schools_that_lie_elsewhere_now() -> None:
    here, there = kept(), replace(kept(), urn="100002")
    assert moved([here, there], {"100001": "332", "100002": "333"}) == [
        replace(there, authority_code="333", version=2)
    ]


def test_a_school_named_twice_in_one_request_is_taken_once() -> None:
    assert states(decided(SETTINGS, SETTINGS)) == [State.CREATED, State.REFUSED]


def test_a_bad_line_does_not_spoil_its_neighbour() -> None:
    bad = replace(SETTINGS, urn="100002", register_open_minutes=60)
    assert states(decided(bad, SETTINGS)) == [State.REFUSED, State.CREATED]


def test_the_announcement_says_everything_the_register_keeps() -> None:
    school = kept()
    event = school_changed(school)
    assert (event.school_id, event.urn, event.version) == (school.id, "100001", 1)
    assert event.contact_codes == ("N",)
    assert (event.quiet_from, event.quiet_until) == (time(20), time(8))
    assert event.register_missing_after_minutes is None


@given(minutes=st.integers(-1000, 1000))
def test_no_register_is_ever_open_longer_than_thirty_minutes(minutes: int) -> None:
    accepted = not check_settings(replace(SETTINGS, register_open_minutes=minutes))
    assert accepted == (1 <= minutes <= 30)
