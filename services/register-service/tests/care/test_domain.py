from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from attendance_contracts.events import CareStatus
from attendance_contracts.identifiers import make_upn
from register_service.care.domain import (
    CareLine,
    Entry,
    Known,
    care_changed,
    check_line,
    decide_lines,
    newest,
)
from register_service.states import State

CHILD = uuid7()
UPN = make_upn(332, 2000, 21, 1)
OWNER = "authority:332"
LINE = CareLine(
    upn=UPN, kind="CIN", authority_code="332", worker="worker-1", valid_from=date(2026, 1, 5)
)
STATUS = CareStatus(
    kind="CIN",
    authority_code="332",
    worker="worker-1",
    team=None,
    valid_from=date(2026, 1, 5),
    valid_to=None,
)


def decided(*lines: CareLine, statuses: tuple[CareStatus, ...] = ()) -> list[Entry]:
    known = Known(by_upn={UPN: CHILD}, statuses={CHILD: statuses})
    return decide_lines(dict(enumerate(lines, 1)), known, organisation=OWNER)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"authority_code": "333"}, "#/authority_code"),
        ({"child_id": CHILD}, "#"),
        ({"upn": None}, "#"),
        ({"upn": "A" + UPN[1:]}, "#/upn"),
        ({"valid_to": date(2026, 1, 4)}, "#/valid_to"),
    ],
)
def test_what_is_wrong_with_a_line_is_pointed_at(change: dict[str, object], pointer: str) -> None:
    wrong = replace(LINE, **change)  # type: ignore[arg-type] # a table of single fields
    assert [fault.pointer for fault in check_line(wrong, organisation=OWNER)] == [pointer]
    assert [entry.state for entry in decided(wrong)] == [State.REFUSED]


def test_a_status_may_last_a_day() -> None:
    assert check_line(replace(LINE, valid_to=LINE.valid_from), organisation=OWNER) == []


def test_a_new_status_is_created_for_a_child_named_by_upn_or_id() -> None:
    by_id = replace(LINE, upn=None, child_id=CHILD, kind="LAC")
    in_small_letters = replace(LINE, upn=f" {UPN.lower()} ", kind="CP")
    entries = decided(LINE, by_id, in_small_letters)
    assert [entry.state for entry in entries] == [State.CREATED] * 3
    assert {entry.child_id for entry in entries} == {CHILD}


def test_an_unknown_child_is_refused() -> None:
    stranger = replace(LINE, upn=make_upn(332, 2000, 21, 2))
    nobody = replace(LINE, upn=None, child_id=uuid7())
    assert [entry.state for entry in decided(stranger, nobody)] == [State.REFUSED] * 2


def test_the_same_status_again_changes_nothing() -> None:
    [entry] = decided(LINE, statuses=(STATUS,))
    assert (entry.state, entry.status) == (State.UNCHANGED, None)


@pytest.mark.parametrize(
    "change", [{"worker": "worker-2"}, {"team": "team-1"}, {"valid_to": date(2026, 6, 1)}]
)
def test_another_worker_team_or_last_day_changes_the_status(change: dict[str, object]) -> None:
    line = replace(LINE, **change)  # type: ignore[arg-type] # a table of single fields
    [entry] = decided(line, statuses=(STATUS,))
    assert entry.state is State.CHANGED
    assert entry.status == replace(STATUS, **change)  # type: ignore[arg-type] # likewise


def test_a_later_first_day_is_a_status_of_its_own() -> None:
    [entry] = decided(replace(LINE, valid_from=date(2026, 9, 1)), statuses=(STATUS,))
    assert entry.state is State.CREATED


def test_the_last_word_of_a_request_is_written() -> None:
    entries = decided(LINE, replace(LINE, worker="worker-2"))
    assert [entry.state for entry in entries] == [State.CREATED, State.CHANGED]
    [written] = newest(entries)
    assert written.status is not None
    assert written.status.worker == "worker-2"


def test_the_announcement_names_all_that_is_known() -> None:
    event = care_changed(CHILD, [STATUS, replace(STATUS, kind="LAC")], 3)
    assert (event.child_id, len(event.statuses), event.version) == (CHILD, 2, 3)


lines = st.builds(
    lambda kind, day, worker: replace(
        LINE, kind=kind, valid_from=date(2026, 1, day), worker=worker
    ),
    kind=st.sampled_from(["CIN", "CP"]),
    day=st.integers(1, 3),
    worker=st.sampled_from([None, "worker-1", "worker-2"]),
)


@given(st.lists(lines, max_size=10))
def test_what_was_written_last_is_what_a_second_reading_finds(sent: list[CareLine]) -> None:
    kept = tuple(entry.status for entry in newest(decided(*sent)) if entry.status)
    last = {(line.kind, line.valid_from): line for line in sent}
    again = decided(*last.values(), statuses=kept)
    assert {entry.state for entry in again} <= {State.UNCHANGED}
