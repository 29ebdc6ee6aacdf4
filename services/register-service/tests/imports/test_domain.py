from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.identifiers import make_upn
from register_service.imports.domain import RollLine, check_line
from register_service.lines.domain import State

from .rolls import LINE, OTHER, PARENT, after, planned, states


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"upn": "A" + LINE.upn[1:]}, "#/upn"),
        ({"upn": "unknown"}, "#/upn"),
        ({"forename": " "}, "#/forename"),
        ({"surname": ""}, "#/surname"),
        ({"forename": "\u3164"}, "#/forename"),  # a filler: a letter of which nothing is seen
        ({"surname": "\u00a0\u2800"}, "#/surname"),
        ({"date_of_birth": LINE.starts_on}, "#/date_of_birth"),
        ({"contacts": (PARENT, PARENT)}, "#/contacts/1/key"),
        ({"class_code": "4" * 51}, "#/class_code"),
        ({"mis_id": "4" * 101}, "#/mis_id"),
        ({"surname": "e" * 61}, "#/surname"),
        ({"forename": "see example.com"}, "#/forename"),
        ({"surname": "Avery 07700900123"}, "#/surname"),
        ({"contacts": (replace(PARENT, name="e" * 61),)}, "#/contacts/0/name"),
        ({"contacts": (PARENT, replace(PARENT, key="2", name="Mum 2"))}, "#/contacts/1/name"),
    ],
)
def test_what_is_wrong_with_a_line_is_pointed_at(change: dict[str, object], pointer: str) -> None:
    wrong = replace(LINE, **change)  # type: ignore[arg-type] # a table of single fields
    assert [fault.pointer for fault in check_line(wrong).faults] == [pointer]
    assert states(wrong) == [State.REFUSED]


@pytest.mark.parametrize("class_code", [" ", "\u3164", "\u200b"], ids=ascii)
def test_a_class_without_a_name_is_none(class_code: str) -> None:
    [entry] = planned(replace(LINE, class_code=class_code))
    assert [fault.pointer for fault in entry.faults] == ["#/class_code"]


@pytest.mark.parametrize("reason", [" ", "\u200b", "\u2800\t"], ids=ascii)
def test_a_blank_reason_is_none(reason: str) -> None:
    assert check_line(replace(LINE, confidential_address_reason=reason)).line == LINE


def test_no_fault_repeats_what_was_sent() -> None:
    [entry] = planned(replace(LINE, upn="Q1234", forename=""))
    [misplaced] = planned(replace(LINE, year_group="Q1234"))
    assert "Q1234" not in str([*entry.faults, *misplaced.faults])


def test_a_line_is_kept_in_the_registers_spelling() -> None:
    untidy = replace(LINE, upn=f" {LINE.upn.lower()} ", forename=" Avery ", year_group="Year 4")
    assert check_line(untidy).line == LINE


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"class_code": "Ce\u0301dre"}, {"class_code": "C\u00e9dre"}),
        ({"class_code": " Year  4 "}, {"class_code": "Year 4"}),
        ({"forename": "Zoe\u0308"}, {"forename": "Zo\u00eb"}),
        ({"surname": "Nun\u0303ez"}, {"surname": "Nu\u00f1ez"}),
        ({"mis_id": " ab 1 "}, {"mis_id": "AB1"}),
        ({"upn": "\ufeff" + LINE.upn}, {"upn": LINE.upn}),
    ],
)
def test_two_spellings_of_one_word_are_kept_as_one(
    sent: dict[str, str], kept: dict[str, str]
) -> None:
    one, other = (replace(LINE, **words) for words in (sent, kept))  # type: ignore[arg-type] # a table
    assert check_line(one).line == check_line(other).line == other
    assert states(one, known=after(other)) == [State.UNCHANGED]


def test_a_new_child_is_created_with_everything() -> None:
    [entry] = planned(LINE)
    assert entry.state is State.CREATED
    assert entry.new_child
    assert entry.identity is not None
    assert entry.enrolment is not None
    assert (entry.identity.revision, entry.enrolment.version) == (1, 1)
    assert (entry.mis_id, entry.contacts) == ("1", (PARENT,))


def test_the_same_roll_again_changes_nothing() -> None:
    [entry] = planned(LINE, known=after(LINE))
    assert entry.state is State.UNCHANGED
    assert (entry.identity, entry.enrolment, entry.mis_id, entry.contacts) == (None,) * 4
    assert not entry.new_child


def test_a_number_that_cannot_be_texted_is_a_warning_and_the_child_is_on_roll() -> None:
    [entry] = planned(replace(LINE, contacts=(replace(PARENT, mobile="ask office"),)))
    assert entry.state is State.CREATED
    assert [warning.pointer for warning in entry.warnings] == ["#/contacts/0/mobile"]


@pytest.mark.parametrize(
    ("change", "writes"),
    [
        ({"forename": "Robin"}, {"identity"}),
        ({"confidential_address": True}, {"identity"}),
        ({"sex": "F"}, {"identity"}),
        ({"class_code": "4B"}, {"enrolment"}),
        ({"ends_on": date(2026, 12, 1)}, {"enrolment"}),
        ({"mis_id": "77"}, {"mis_id"}),
        ({"contacts": ()}, {"contacts"}),
        ({"contacts": (replace(PARENT, court_order=True),)}, {"contacts"}),
        ({"forename": "Robin", "class_code": "4B"}, {"identity", "enrolment"}),
    ],
)
def test_only_what_changed_is_written(change: dict[str, object], writes: set[str]) -> None:
    [entry] = planned(replace(LINE, **change), known=after(LINE))  # type: ignore[arg-type] # a table
    parts = ("identity", "enrolment", "mis_id", "contacts")
    assert entry.state is State.CHANGED
    assert {part for part in parts if getattr(entry, part) is not None} == writes


@pytest.mark.parametrize("change", [{"mis_id": None}, {"contacts": None}, {"mis_id": " "}])
def test_what_is_left_out_stays_as_it_was(change: dict[str, object]) -> None:
    line = replace(LINE, **change)  # type: ignore[arg-type] # a table of single fields
    assert states(line, known=after(LINE)) == [State.UNCHANGED]


def test_a_changed_enrolment_moves_its_version_on_and_a_changed_name_does_not() -> None:
    known = after(LINE)
    [moved] = planned(replace(LINE, class_code="4B"), known=known)
    [renamed] = planned(replace(LINE, surname="Sample"), known=known)
    assert moved.enrolment is not None
    assert moved.enrolment.version == 2
    assert renamed.enrolment is None
    assert renamed.identity is not None
    assert renamed.identity.revision == 2


def test_a_bad_line_does_not_spoil_its_neighbours() -> None:
    assert states(LINE, replace(OTHER, upn="wrong")) == [State.CREATED, State.REFUSED]


def test_an_enrolment_named_twice_in_one_request_is_taken_once() -> None:
    assert states(LINE, replace(LINE, class_code="4B")) == [State.CREATED, State.REFUSED]


def test_one_mis_id_is_not_two_children() -> None:
    twin = replace(OTHER, forename="Robin", mis_id="1")
    assert states(LINE, twin) == [State.CREATED, State.REFUSED]
    assert states(twin, known=after(LINE)) == [State.REFUSED]


def test_a_child_who_comes_back_keeps_the_mis_id() -> None:
    left = replace(LINE, ends_on=date(2026, 10, 1))
    back = replace(LINE, starts_on=date(2026, 11, 2))
    assert states(left, back, known=after(LINE)) == [State.CHANGED, State.CREATED]


def test_a_return_may_stand_before_the_leaving_in_one_request() -> None:
    left = replace(LINE, ends_on=date(2026, 10, 1))
    back = replace(LINE, starts_on=date(2026, 11, 2))
    assert states(back, left) == [State.CREATED, State.CREATED]


def test_a_second_enrolment_is_refused_while_the_first_is_open() -> None:
    second = replace(LINE, starts_on=date(2026, 9, 7))
    assert states(LINE, second, known=after(LINE)) == [State.UNCHANGED, State.REFUSED]


def test_two_places_of_one_child_in_one_request_are_one_child() -> None:
    left = replace(LINE, ends_on=date(2026, 10, 1))
    back = replace(LINE, starts_on=date(2026, 11, 2))
    first, second = planned(left, back)
    assert first.child_id == second.child_id
    assert (first.new_child, second.new_child) == (True, False)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"date_of_birth": date(2016, 5, 4)}, "#/date_of_birth"),
        ({"surname": "Sample"}, "#/surname"),
        ({"forename": "Robin"}, "#/forename"),
    ],
)
def test_lines_that_give_one_upn_two_identities_are_refused_all_of_them(
    change: dict[str, object], pointer: str
) -> None:
    left = replace(LINE, ends_on=date(2026, 10, 1))
    back = replace(LINE, starts_on=date(2026, 11, 2), **change)  # type: ignore[arg-type] # a table
    entries = planned(left, back, OTHER)
    assert [entry.state for entry in entries] == [State.REFUSED, State.REFUSED, State.CREATED]
    for entry in entries[:2]:
        assert [fault.pointer for fault in entry.faults] == [pointer]


places = st.builds(
    lambda number, start, length, letter: replace(
        LINE,
        upn=make_upn(332, 2000, 21, number),
        mis_id=str(number),
        starts_on=date(2026, 9, 1 + start),
        ends_on=None if length is None else date(2026, 9, 1 + start + length),
        class_code=letter,
    ),
    number=st.integers(1, 3),
    start=st.integers(0, 10),
    length=st.none() | st.integers(0, 10),
    letter=st.sampled_from("AB"),
)


@given(st.lists(places, max_size=8))
def test_no_load_leaves_a_child_on_roll_twice_at_a_time(lines: list[RollLine]) -> None:
    kept = [entry.enrolment for entry in planned(*lines) if entry.enrolment]
    for index, one in enumerate(kept):
        others = [other for other in kept[:index] if other.child_id == one.child_id]
        assert not any(one.overlaps(other) for other in others)


@given(st.lists(places, max_size=8))
def test_what_was_taken_once_changes_nothing_again(lines: list[RollLine]) -> None:
    taken = [lines[entry.number - 1] for entry in planned(*lines) if entry.enrolment]
    assert set(states(*taken, known=after(*taken))) <= {State.UNCHANGED}


@given(st.data(), st.lists(places, max_size=6, unique_by=lambda line: line.upn))
def test_the_order_of_different_children_does_not_matter(
    data: st.DataObject, lines: list[RollLine]
) -> None:
    shuffled = data.draw(st.permutations(lines))
    one = {line.upn: state for line, state in zip(lines, states(*lines), strict=True)}
    other = {line.upn: state for line, state in zip(shuffled, states(*shuffled), strict=True)}
    assert one == other
