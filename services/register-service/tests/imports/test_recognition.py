"""Whom a line speaks of where UPNs, MIS ids and starting days are corrected."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.identifiers import make_upn, upn_check_letter
from register_service.imports.domain import RollLine, check_line
from register_service.lines.domain import State

from .rolls import LINE, OTHER, TODAY, Register, after, elsewhere, planned, states

TEMPORARY = upn_check_letter("33220002100A") + "33220002100A"
TEMP = replace(LINE, upn=TEMPORARY)
TWIN = replace(OTHER, forename="Robin")
THIRD = replace(LINE, upn=make_upn(332, 2000, 21, 3), mis_id="3", forename="Sam")
CHILDREN = [LINE, TWIN, THIRD]


def but(line: RollLine, **change: Any) -> RollLine:
    return replace(line, **change)


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (TEMP, LINE),
        (TEMP, but(LINE, surname="Example-Smith")),
        (TEMP, but(LINE, surname="EXAMPLE", class_code="4B", year_group="5")),
        (TEMP, but(LINE, starts_on=date(2026, 9, 3))),
        (TEMP, but(LINE, mis_id="9", former_upn=TEMPORARY)),
        (but(TEMP, mis_id=None), but(LINE, mis_id=None, former_upn=TEMPORARY.lower())),
        (LINE, but(LINE, upn=OTHER.upn)),
        (LINE, but(LINE, upn=OTHER.upn, forename="avery", sex="F")),
    ],
)
def test_a_line_with_a_new_upn_is_about_the_same_pupil(before: RollLine, line: RollLine) -> None:
    known = after(before)
    [entry] = planned(line, known=known)
    assert entry.state is State.CHANGED
    assert entry.enrolment_id == known.of(before.upn)[0].enrolment.id
    [place] = after(line, known=known).of(check_line(line).line.upn)
    assert place.former_upns == {before.upn}
    assert states(line, known=after(line, known=known)) == [State.UNCHANGED]


@pytest.mark.parametrize(
    ("before", "line", "state"),
    [
        (TEMP, but(LINE, forename="Robin"), State.REFUSED),
        (TEMP, but(LINE, date_of_birth=date(2017, 5, 5)), State.REFUSED),
        (LINE, but(OTHER, mis_id="1", surname="Sample"), State.REFUSED),
        (TEMP, but(LINE, mis_id="9"), State.CREATED),
        (TEMP, but(LINE, mis_id="9", former_upn=OTHER.upn), State.CREATED),
        (TEMP, but(LINE, mis_id="9", former_upn=TEMPORARY, forename="Robin"), State.CREATED),
    ],
)
def test_somebody_else_is_not_taken_for_the_pupil(
    before: RollLine, line: RollLine, state: State
) -> None:
    known = after(before)
    [entry] = planned(line, known=known)
    assert entry.state is state
    assert entry.enrolment_id != known.of(before.upn)[0].enrolment.id


def test_a_temporary_upn_never_takes_a_permanent_ones_place() -> None:
    known = after(TEMP, known=after(LINE))
    [place] = known.places.values()
    assert (place.upn, place.former_upns) == (LINE.upn, frozenset({TEMPORARY}))
    [entry] = planned(TEMP, known=known)
    assert entry.state is State.UNCHANGED
    assert [warning.pointer for warning in entry.warnings] == ["#/upn"]


def test_a_upn_said_again_after_another_one_is_the_pupils_again() -> None:
    other = but(LINE, upn=OTHER.upn)
    [place] = after(LINE, known=after(other, known=after(LINE))).places.values()
    assert (place.upn, place.former_upns) == (LINE.upn, frozenset({OTHER.upn}))


def test_every_place_of_a_pupil_goes_by_the_new_upn() -> None:
    left = but(TEMP, ends_on=date(2026, 10, 1))
    back = but(LINE, starts_on=date(2026, 11, 2))
    known = after(left, back, known=after(left))
    assert {place.upn for place in known.places.values()} == {LINE.upn}
    assert len({place.child_id for place in known.places.values()}) == 1
    assert states(left, back, known=known) == [State.UNCHANGED, State.UNCHANGED]


def test_two_upns_that_were_mixed_up_change_places_and_no_child_gets_anothers_record() -> None:
    mixed = after(but(LINE, upn=TWIN.upn), but(TWIN, upn=LINE.upn))
    was = {place.identity.forename: place.enrolment.id for place in mixed.places.values()}
    entries = planned(LINE, TWIN, known=mixed)
    assert [entry.state for entry in entries] == [State.CHANGED, State.CHANGED]
    assert [entry.enrolment_id for entry in entries] == [was["Avery"], was["Robin"]]


def test_a_upn_given_to_the_wrong_child_goes_to_the_right_one_in_one_load() -> None:
    known = after(but(LINE, upn=TWIN.upn))
    first, second = planned(LINE, TWIN, known=known)
    assert (first.state, second.state) == (State.CHANGED, State.CREATED)
    assert first.enrolment_id == next(iter(known.places))


@given(st.permutations(["1", "2", "3", "4", "5"]), st.permutations(CHILDREN))
def test_ids_move_in_any_way_and_every_child_goes_by_its_own(
    ids: list[str], order: list[RollLine]
) -> None:
    known = after(*CHILDREN)
    moved = [but(line, mis_id=mis_id) for line, mis_id in zip(order, ids, strict=False)]
    entries = planned(*moved, known=known)
    assert State.REFUSED not in {entry.state for entry in entries}
    now = after(*moved, known=known)
    assert {place.upn: place.mis_id for place in now.places.values()} == {
        line.upn: line.mis_id for line in moved
    }
    assert set(states(*moved, known=now)) == {State.UNCHANGED}


def test_who_does_not_give_an_id_up_keeps_it_and_so_does_everybody_behind() -> None:
    """The third is refused for its class, so the second cannot have its id, nor the first that."""
    known = after(*CHILDREN)
    chain = [but(LINE, mis_id="2"), but(TWIN, mis_id="3"), but(THIRD, mis_id="4", class_code="")]
    assert states(*chain, known=known) == [State.REFUSED] * 3
    assert states(chain[0], known=known) == [State.REFUSED]
    now = after(*chain, known=known)
    assert [place.mis_id for place in now.places.values()] == ["1", "2", "3"]


def test_no_id_leads_to_two_children_whatever_the_load_says() -> None:
    known = after(*CHILDREN)
    claimed = [but(line, mis_id="9") for line in CHILDREN]
    assert states(*claimed, known=known).count(State.CHANGED) == 1
    ids = [place.mis_id for place in after(*claimed, known=known).places.values()]
    assert len(set(ids)) == len(ids)


def test_who_has_left_keeps_nobody_from_an_id() -> None:
    left = but(LINE, ends_on=date(2026, 10, 1))
    newcomer = but(TWIN, mis_id="1", starts_on=date(2026, 11, 2))
    known = after(left)
    assert states(left, newcomer, known=known) == [State.UNCHANGED, State.CREATED]
    now = after(left, newcomer, known=known)
    assert [place.mis_id for place in now.places.values()] == [None, "1"]
    assert states(left, newcomer, known=now) == [State.UNCHANGED, State.UNCHANGED]


def test_whose_last_day_is_today_has_not_left() -> None:
    known = after(but(LINE, ends_on=TODAY))
    assert states(but(TWIN, mis_id="1"), known=known) == [State.REFUSED]


@pytest.mark.parametrize("day", [date(2026, 9, 3), date(2026, 8, 25), date(2026, 11, 2)])
def test_a_starting_day_is_corrected_on_the_same_enrolment(day: date) -> None:
    known = after(LINE)
    [entry] = planned(but(LINE, starts_on=day, class_code="4B"), known=known)
    assert (entry.state, entry.enrolment_id) == (State.CHANGED, next(iter(known.places)))
    assert entry.enrolment is not None
    assert (entry.enrolment.starts_on, entry.enrolment.class_code) == (day, "4B")
    later = day > LINE.starts_on
    assert [warning.pointer for warning in entry.warnings] == ["#/starts_on"] * later


def test_of_two_places_the_one_whose_days_are_shared_is_corrected() -> None:
    left, back = but(LINE, ends_on=date(2026, 10, 1)), but(LINE, starts_on=date(2026, 11, 2))
    known = after(left, back)
    moved = but(back, starts_on=date(2026, 11, 3))
    assert states(left, moved, known=known) == [State.UNCHANGED, State.CHANGED]
    assert len(after(left, moved, known=known).places) == 2
    both = but(LINE, starts_on=date(2026, 9, 20))
    assert states(both, known=known) == [State.REFUSED], "which of the two is meant?"


def test_a_return_is_a_place_of_its_own() -> None:
    left, back = but(LINE, ends_on=date(2026, 10, 1)), but(LINE, starts_on=date(2026, 11, 2))
    assert states(back, known=after(left)) == [State.CREATED]
    assert states(left, back, known=after(LINE)) == [State.CHANGED, State.CREATED]


@pytest.mark.parametrize("known", [Register(), elsewhere(after(LINE))], ids=["nobody's", "known"])
def test_a_pupil_never_becomes_another_schools_child_by_a_upn(known: Register) -> None:
    """Not even where the school has its own pupil go by the true name and date of birth."""
    mine = after(TEMP, known=known)
    [was] = mine.of(TEMPORARY)
    [entry] = planned(LINE, known=mine)
    assert (entry.state, entry.child_id, entry.new_child) == (State.CHANGED, was.child_id, False)
    assert len(entry.proposals) == len(known.places)


def test_a_corrected_upn_links_nobody_who_comes_later() -> None:
    """Else two schools of one hand would learn whether a third one has said the same."""
    corrected = elsewhere(after(LINE, known=after(TEMP)))
    [by_new] = planned(LINE, known=corrected)
    [by_old] = planned(TEMP, known=corrected)
    assert (by_new.new_child, by_old.new_child) == (True, False)
