"""What a school says of a child is its own: its flag, its corrections, its guesses."""

import time
from dataclasses import replace
from datetime import date, timedelta

import pytest

from register_service.imports.domain import RollLine, guesses_refused
from register_service.imports.domain.identity import CHANGES_A_DAY
from register_service.lines.domain import State
from register_service.roll.domain import Identity

from .rolls import LINE, SENDER, after, elsewhere, planned

OFFICE = "school:100001"
HIDDEN = replace(LINE, confidential_address=True)
SHOWN = replace(LINE, confidential_address=False)
WITH_REASON = replace(SHOWN, confidential_address_reason="The order has ended")


def said(*lines: RollLine, by: str = SENDER) -> Identity:
    """What the register holds of the child once these were sent one after the other."""
    known = after(lines[0])
    for line in lines[1:]:
        known = after(line, known=known, by=by)
    return known.of(LINE.upn)[-1].identity


def test_a_flag_is_kept_with_the_organisation_that_asked_for_it() -> None:
    assert said(HIDDEN).confidential_by == SENDER
    assert said(LINE).confidential_by is None


@pytest.mark.parametrize(
    ("sent", "by", "hidden", "pointers"),
    [
        (LINE, SENDER, True, []),
        (HIDDEN, OFFICE, True, []),
        (SHOWN, SENDER, True, ["#/confidential_address"]),
        (SHOWN, OFFICE, True, ["#/confidential_address"]),
        (WITH_REASON, OFFICE, True, ["#/confidential_address"]),
        (WITH_REASON, SENDER, False, []),
    ],
)
def test_a_flag_is_lifted_by_whoever_set_it_and_with_a_reason(
    *, sent: RollLine, by: str, hidden: bool, pointers: list[str]
) -> None:
    known = after(HIDDEN)
    [entry] = planned(sent, known=known, by=by)
    identity = entry.identity or known.of(LINE.upn)[0].identity
    assert identity.confidential_address is hidden
    assert [warning.pointer for warning in entry.warnings] == pointers
    assert entry.reason == (None if hidden else "The order has ended")


def test_who_asks_for_a_flag_again_does_not_come_to_hold_it() -> None:
    assert said(HIDDEN, HIDDEN, by=OFFICE).confidential_by == SENDER


@pytest.mark.parametrize("sent", [LINE, SHOWN, WITH_REASON])
def test_an_enrolment_begun_again_takes_the_flag_over(sent: RollLine) -> None:
    left = replace(HIDDEN, ends_on=date(2026, 10, 1))
    back = replace(sent, starts_on=date(2026, 11, 2))
    assert said(left, back).confidential_by == SENDER


def test_a_flag_of_another_school_is_not_this_schools() -> None:
    [entry] = planned(replace(LINE, mis_id="9"), known=elsewhere(after(HIDDEN)))
    assert entry.identity is not None
    assert not entry.identity.confidential_address


def test_sex_stays_when_it_is_left_out() -> None:
    assert said(replace(LINE, sex="F"), LINE).sex == "F"


def days(number: int) -> RollLine:
    return replace(LINE, date_of_birth=LINE.date_of_birth + timedelta(days=number))


@pytest.mark.parametrize(
    "guess",
    [
        days,
        lambda number: replace(LINE, surname="Example" + "e" * number),
        lambda number: replace(
            days(number),
            starts_on=LINE.starts_on + timedelta(days=number),
            ends_on=LINE.starts_on + timedelta(days=number),
        ),
    ],
    ids=["dates of birth", "surnames", "an enrolment for each"],
)
def test_a_school_tries_out_no_more_than_a_few_facts_a_day(guess: object) -> None:
    assert callable(guess)
    known = after(guess(0))
    outcomes = []
    for number in range(1, 2 * CHANGES_A_DAY):
        [entry] = planned(guess(number), known=known)
        outcomes.append(entry.state is not State.REFUSED)
        known = after(guess(number), known=known)
    assert outcomes == [True] * CHANGES_A_DAY + [False] * (CHANGES_A_DAY - 1)


def test_a_guess_too_many_is_pointed_at_and_counted_and_repeats_nothing() -> None:
    known = after(LINE)
    for number in range(1, CHANGES_A_DAY + 1):
        known = after(days(number), known=known)
    [born] = planned(days(CHANGES_A_DAY + 1), known=known)
    [named] = planned(replace(LINE, surname="Sample"), known=known)
    assert [fault.pointer for fault in (*born.faults, *named.faults)] == [
        "#/date_of_birth",
        "#/surname",
    ]
    assert guesses_refused([born, named]) == {"day": 2}
    assert "Sample" not in str(named.faults)


def test_what_was_said_before_and_what_nobody_compares_may_be_sent_at_any_time() -> None:
    known = after(LINE)
    for number in range(1, CHANGES_A_DAY + 1):
        known = after(days(number), known=known)
    for line in (LINE, replace(days(CHANGES_A_DAY), forename="Robin", surname="EXAMPLE")):
        [entry] = planned(line, known=known)
        assert entry.state is State.CHANGED


@pytest.mark.parametrize(
    "guess", [days, lambda _: LINE], ids=["a date in each", "the same in each"]
)
def test_ten_thousand_lines_of_one_upn_are_refused_every_one(guess: object) -> None:
    """And in no time: to compare each with every other took the service six minutes."""
    assert callable(guess)
    guesses = [
        replace(guess(number), starts_on=LINE.starts_on + timedelta(days=number))
        for number in range(9_999)
    ]
    began = time.process_time()
    entries = planned(*guesses)
    assert time.process_time() - began < 10
    assert {entry.state for entry in entries} == {State.REFUSED}
    assert guesses_refused(entries) == {"request": 9_999}
