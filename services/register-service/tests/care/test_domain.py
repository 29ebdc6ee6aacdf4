"""What becomes of the lines that an authority sends."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from attendance_contracts.events import CareStatus
from attendance_contracts.identifiers import make_upn
from register_service.care.domain import (
    CareLine,
    Claim,
    ClaimStanding,
    Entry,
    Known,
    care_changed,
    check_lines,
    decide_lines,
    newest,
    newest_claims,
)
from register_service.care.domain.lines import FACTS_A_DAY
from register_service.lines.domain import State
from register_service.roll.domain import Enrolled, Facts

from .enrolled import BORN, CHILD, TODAY, UPN, enrolled, status

OWNER = "authority:332"
LINE = CareLine(
    upn=UPN, kind="CIN", authority_code="332", worker="worker-1", valid_from=date(2026, 1, 5)
)
STATUS = status()
HERE, ELSEWHERE = enrolled(), enrolled(area="894")


def decided(
    *lines: CareLine,
    statuses: tuple[CareStatus, ...] = (),
    claims: tuple[Claim, ...] = (),
    place: Enrolled = HERE,
    lately: Mapping[str, set[Facts]] | None = None,
) -> list[Entry]:
    known = Known(
        candidates={UPN: [place], str(CHILD): [place]},
        statuses={CHILD: statuses},
        claims={claim.key: claim for claim in claims},
    )
    checked = check_lines(dict(enumerate(lines, 1)), lately or {}, organisation=OWNER)
    return decide_lines(checked, known, (uuid7() for _ in count()), today=TODAY)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"authority_code": "333"}, "#/authority_code"),
        ({"child_id": CHILD}, "#"),
        ({"upn": None}, "#"),
        ({"upn": "A" + UPN[1:]}, "#/upn"),
        ({"valid_to": date(2026, 1, 4)}, "#/valid_to"),
        ({"surname": "Example"}, "#/surname"),
        ({"date_of_birth": BORN}, "#/surname"),
        ({"surname": " ", "date_of_birth": BORN}, "#/surname"),
        ({"surname": "x" * 201, "date_of_birth": BORN}, "#/surname"),
    ],
)
def test_what_is_wrong_with_a_line_is_pointed_at(change: dict[str, object], pointer: str) -> None:
    [entry] = decided(replace(LINE, **change))  # type: ignore[arg-type] # a table of single fields
    assert (entry.state, [fault.pointer for fault in entry.faults]) == (State.REFUSED, [pointer])


def test_a_status_may_last_a_day() -> None:
    [entry] = decided(replace(LINE, valid_to=LINE.valid_from))
    assert entry.state is State.CREATED


def test_a_new_status_is_created_for_a_child_named_by_upn_or_id() -> None:
    by_id = replace(LINE, upn=None, child_id=CHILD, kind="LAC")
    in_small_letters = replace(LINE, upn=f" {UPN.lower()} ", kind="CP")
    entries = decided(LINE, by_id, in_small_letters)
    assert [entry.state for entry in entries] == [State.CREATED] * 3
    assert {entry.child_id for entry in entries} == {CHILD}
    assert {entry.standing for entry in entries} == {ClaimStanding.IN_FORCE}


def test_the_same_status_again_changes_nothing() -> None:
    [entry] = decided(LINE, statuses=(STATUS,))
    assert (entry.state, entry.status) == (State.UNCHANGED, None)


@pytest.mark.parametrize(
    "change", [{"worker": "worker-2"}, {"team": "team-1"}, {"valid_to": date(2026, 6, 1)}]
)
@pytest.mark.parametrize("place", [HERE, ELSEWHERE], ids=["still here", "moved away"])
def test_another_worker_team_or_last_day_changes_the_status_wherever_the_child_is_by_now(
    change: dict[str, object], place: Enrolled
) -> None:
    line = replace(LINE, **change)  # type: ignore[arg-type] # a table of single fields
    [entry] = decided(line, statuses=(STATUS,), place=place)
    assert entry.state is State.CHANGED
    assert entry.status == replace(STATUS, **change)  # type: ignore[arg-type] # likewise


def test_a_later_first_day_is_a_status_of_its_own() -> None:
    [entry] = decided(replace(LINE, valid_from=date(2026, 9, 1)), statuses=(STATUS,))
    assert entry.state is State.CREATED


def test_the_last_word_of_a_request_is_written() -> None:
    entries = decided(LINE, replace(LINE, worker="worker-2"))
    assert [entry.state for entry in entries] == [State.CREATED, State.CHANGED]
    [(child, written)] = newest(entries)
    assert (child, written.worker) == (CHILD, "worker-2")


def test_a_child_elsewhere_and_an_unknown_one_wait_alike() -> None:
    unknown = replace(LINE, upn=make_upn(332, 2000, 21, 2))
    nobody = replace(LINE, upn=None, child_id=uuid7())
    entries = decided(LINE, unknown, nobody, place=ELSEWHERE)
    for entry in entries:
        assert (entry.state, entry.standing) == (State.CREATED, ClaimStanding.PENDING)
        assert (entry.child_id, entry.status, entry.faults) == (None, None, ())
    assert len({entry.claim_id for entry in entries}) == 3


def waiting(line: CareLine = LINE, **changed: object) -> Claim:
    [entry] = decided(line, place=ELSEWHERE)
    assert entry.claim is not None
    return replace(entry.claim, **changed)  # type: ignore[arg-type] # a table of single fields


def test_a_claim_sent_again_is_the_same_claim() -> None:
    claim = waiting()
    same, other = decided(LINE, replace(LINE, worker="worker-2"), claims=(claim,), place=ELSEWHERE)
    assert (same.state, same.claim_id, same.claim) == (State.UNCHANGED, claim.id, None)
    assert (other.state, other.claim_id) == (State.CHANGED, claim.id)


def test_a_refused_claim_stays_refused_until_something_else_is_claimed() -> None:
    claim = waiting(state="refused", reason="Not our child")
    [same] = decided(LINE, claims=(claim,), place=ELSEWHERE)
    assert (same.state, same.standing) == (State.UNCHANGED, ClaimStanding.REFUSED)
    stated = replace(LINE, surname="Sample", date_of_birth=BORN)
    [other] = decided(stated, claims=(claim,), place=ELSEWHERE)
    assert (other.state, other.standing) == (State.CHANGED, ClaimStanding.PENDING)
    assert other.claim is not None
    assert (other.claim.state, other.claim.reason) == ("pending", None)


def test_a_claim_that_waited_is_settled_once_the_facts_bear_it_out() -> None:
    claim = waiting()
    [entry] = decided(LINE, claims=(claim,), place=HERE)
    assert (entry.state, entry.standing) == (State.CHANGED, ClaimStanding.IN_FORCE)
    assert entry.status == STATUS
    assert newest_claims([entry]) == [replace(claim, state="confirmed")]


def test_an_authority_that_tries_out_dates_of_birth_is_stopped() -> None:
    def stated(day: int) -> CareLine:
        return replace(LINE, surname="Example", date_of_birth=date(2017, 5, day))

    together = decided(stated(1), stated(2), place=ELSEWHERE)
    assert [entry.faults[0].pointer for entry in together] == ["#/upn", "#/upn"]
    lately = {UPN: {Facts.of(date(2017, 5, day), "Example") for day in range(1, FACTS_A_DAY + 1)}}
    [known] = decided(stated(1), place=ELSEWHERE, lately=lately)
    [another] = decided(stated(20), place=ELSEWHERE, lately=lately)
    assert known.state is State.CREATED
    assert [fault.pointer for fault in another.faults] == ["#/date_of_birth"]


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


@given(st.lists(lines, max_size=10), st.sampled_from([HERE, ELSEWHERE]))
def test_what_was_written_last_is_what_a_second_reading_finds(
    sent: list[CareLine], place: Enrolled
) -> None:
    entries = decided(*sent, place=place)
    kept = tuple(written for _, written in newest(entries))
    claims = tuple(newest_claims(entries))
    last = {(line.kind, line.valid_from): line for line in sent}
    again = decided(*last.values(), statuses=kept, claims=claims, place=place)
    assert {entry.state for entry in again} <= {State.UNCHANGED}
