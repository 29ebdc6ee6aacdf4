"""What a family has been told, against what is true: the table of what is owed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from itertools import product
from uuid import UUID, uuid4

import pytest

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import (
    Decision,
    Episode,
    Fact,
    Kind,
    Message,
    Plan,
    Standing,
    Stands,
    Step,
    decide,
    owed,
    standing,
)
from notification_service.messages.domain import MessageState
from notification_service.schools.domain import Hours
from notification_testing.facts import MONDAY, at

HOURS = Hours(time(8, 45), time(13), register_open_minutes=30, contact_grace_minutes=5)
FIRST_ID, CORRECTION_ID, PARENT = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = at("09:00")


def first(state: str) -> Message:
    is_known = state in {"sent", "delivered", "failed"}
    return Message(
        FIRST_ID, Kind.FIRST, MessageState(state), PARENT if is_known else None, at("08:20")
    )


def passed_on() -> Message:
    """A first message that failed at its address."""
    return Message(uuid4(), Kind.FIRST, MessageState.FAILED, PARENT, at("08:20"), passes_on=True)


def correction(state: str) -> Message:
    return Message(CORRECTION_ID, Kind.CORRECTION, MessageState(state), PARENT, NOW)


ABSENT = Episode(
    id=uuid4(),
    enrolment_id=uuid4(),
    child_id=uuid4(),
    school_id=uuid4(),
    date=MONDAY,
    facts={Session.AM: Fact("unexplained", at("08:00"))},
)
NOT_ABSENT = replace(ABSENT, facts={Session.AM: Fact("withdrawn", at("08:30"))})


@pytest.mark.parametrize(
    ("messages", "where"),
    [
        ([], Standing.NOTHING_TOLD),
        ([first("cancelled")], Standing.NOTHING_TOLD),
        ([first("due")], Standing.FIRST_DUE),
        ([first("sending")], Standing.FIRST_IN_HAND),
        ([first("failed")], Standing.NOBODY_REACHED),
        ([first("sent")], Standing.TOLD),
        ([first("delivered")], Standing.TOLD),
        ([first("sent"), correction("cancelled")], Standing.TOLD),
        ([first("sent"), correction("due")], Standing.CORRECTION_DUE),
        ([first("failed"), correction("due")], Standing.CORRECTION_POINTLESS),
        ([first("sent"), correction("sending")], Standing.CORRECTION_IN_HAND),
        ([first("sent"), correction("sent")], Standing.CORRECTED),
        ([first("delivered"), correction("delivered")], Standing.CORRECTED),
        ([first("failed"), correction("sent")], Standing.CORRECTED),
        ([first("sent"), correction("failed")], Standing.NOT_CORRECTED),
        ([first("failed"), correction("failed")], Standing.NOBODY_REACHED),
        ([passed_on()], Standing.TURN_PASSES),
        ([passed_on(), first("cancelled")], Standing.TURN_PASSES),
        ([passed_on(), first("due")], Standing.FIRST_DUE),
        ([passed_on(), first("sending"), passed_on()], Standing.FIRST_IN_HAND),
        ([passed_on(), first("sent")], Standing.TOLD),
        ([first("failed"), passed_on()], Standing.NOBODY_REACHED),
        ([passed_on(), first("sent"), correction("due")], Standing.CORRECTION_DUE),
    ],
)
def test_a_round_stands_where_its_messages_have_come_to(
    messages: Sequence[Message], where: Standing
) -> None:
    assert standing(messages) is where


MISSED, EXPLAINED, RETRACTED, HERE = Stands
NOTHING, TELL, CORRECT, CANCEL, AGAIN, RING = Step

PAIRS = {
    "an absence of which nothing was said": (Standing.NOTHING_TOLD, MISSED, TELL),
    "a reason before anything was said": (Standing.NOTHING_TOLD, EXPLAINED, NOTHING),
    "a mark taken back before anything was said": (Standing.NOTHING_TOLD, RETRACTED, NOTHING),
    "in school before anything was said": (Standing.NOTHING_TOLD, HERE, NOTHING),
    "still absent as the message is due": (Standing.FIRST_DUE, MISSED, TELL),
    "a reason in time": (Standing.FIRST_DUE, EXPLAINED, CANCEL),
    "a mark taken back in time": (Standing.FIRST_DUE, RETRACTED, CANCEL),
    "arrived in time": (Standing.FIRST_DUE, HERE, CANCEL),
    "still absent as the message goes": (Standing.FIRST_IN_HAND, MISSED, NOTHING),
    "a reason as the message goes": (Standing.FIRST_IN_HAND, EXPLAINED, NOTHING),
    "a mark taken back as the message goes": (Standing.FIRST_IN_HAND, RETRACTED, NOTHING),
    "arrived as the message goes": (Standing.FIRST_IN_HAND, HERE, NOTHING),
    "still absent as the turn passes on": (Standing.TURN_PASSES, MISSED, TELL),
    "a reason as the turn passes on": (Standing.TURN_PASSES, EXPLAINED, AGAIN),
    "a mark taken back as the turn passes on": (Standing.TURN_PASSES, RETRACTED, AGAIN),
    "in school as the turn passes on": (Standing.TURN_PASSES, HERE, AGAIN),
    "still absent, nobody reached": (Standing.NOBODY_REACHED, MISSED, NOTHING),
    "a reason, nobody reached": (Standing.NOBODY_REACHED, EXPLAINED, AGAIN),
    "a mark taken back, nobody reached": (Standing.NOBODY_REACHED, RETRACTED, AGAIN),
    "in school, nobody reached": (Standing.NOBODY_REACHED, HERE, AGAIN),
    "still absent, and the family knows": (Standing.TOLD, MISSED, NOTHING),
    "a reason for what the family was told": (Standing.TOLD, EXPLAINED, NOTHING),
    "a mark taken back that the family was told of": (Standing.TOLD, RETRACTED, NOTHING),
    "in school, and the family was told otherwise": (Standing.TOLD, HERE, CORRECT),
    "absent again before the correction": (Standing.CORRECTION_DUE, MISSED, CANCEL),
    "a reason before the correction": (Standing.CORRECTION_DUE, EXPLAINED, CANCEL),
    "a mark taken back before the correction": (Standing.CORRECTION_DUE, RETRACTED, CANCEL),
    "in school as the correction is due": (Standing.CORRECTION_DUE, HERE, NOTHING),
    "absent, a correction due to nobody": (Standing.CORRECTION_POINTLESS, MISSED, CANCEL),
    "a reason, a correction due to nobody": (Standing.CORRECTION_POINTLESS, EXPLAINED, AGAIN),
    "taken back, a correction due to nobody": (Standing.CORRECTION_POINTLESS, RETRACTED, AGAIN),
    "in school, a correction due to nobody": (Standing.CORRECTION_POINTLESS, HERE, AGAIN),
    "absent again as the correction goes": (Standing.CORRECTION_IN_HAND, MISSED, NOTHING),
    "a reason as the correction goes": (Standing.CORRECTION_IN_HAND, EXPLAINED, NOTHING),
    "taken back as the correction goes": (Standing.CORRECTION_IN_HAND, RETRACTED, NOTHING),
    "in school as the correction goes": (Standing.CORRECTION_IN_HAND, HERE, NOTHING),
    "absent again after the correction": (Standing.CORRECTED, MISSED, AGAIN),
    "a reason after the correction": (Standing.CORRECTED, EXPLAINED, NOTHING),
    "taken back after the correction": (Standing.CORRECTED, RETRACTED, NOTHING),
    "in school, as the family knows": (Standing.CORRECTED, HERE, NOTHING),
    "absent again, never corrected": (Standing.NOT_CORRECTED, MISSED, NOTHING),
    "a reason, never corrected": (Standing.NOT_CORRECTED, EXPLAINED, NOTHING),
    "taken back, never corrected": (Standing.NOT_CORRECTED, RETRACTED, NOTHING),
    "in school, never corrected": (Standing.NOT_CORRECTED, HERE, RING),
}
"""What was last said, what stands of the day now, and what follows: every pair by its name."""


@pytest.mark.parametrize(("said", "stands", "step"), PAIRS.values(), ids=PAIRS.keys())
def test_what_a_family_is_owed(said: Standing, stands: Stands, step: Step) -> None:
    assert owed(said, stands) is step


def test_every_pair_of_what_was_said_and_what_stands_has_its_name() -> None:
    named = [(said, stands) for said, stands, _ in PAIRS.values()]

    assert sorted(named) == sorted(product(Standing, Stands))


def plan(**changes: object) -> Plan:
    whole = Plan(message_id=None, kind=Kind.FIRST, contact_id=None, due_at=at("08:20"))
    return replace(whole, **changes)  # type: ignore[arg-type] # a test names fields of a plan


def test_an_absence_plans_one_first_message() -> None:
    decision = decide(ABSENT, [], HOURS, now=NOW)

    assert decision == Decision(episode=ABSENT, plan=(plan(),))


def test_a_first_message_waits_without_a_due_time_until_the_school_is_known() -> None:
    decision = decide(ABSENT, [], None, now=NOW)

    assert decision.plan == (plan(due_at=None),)


def test_a_first_message_that_is_still_due_moves_with_the_schools_settings() -> None:
    decision = decide(ABSENT, [first("due")], replace(HOURS, contact_grace_minutes=15), now=NOW)

    assert decision.plan == (plan(message_id=FIRST_ID, due_at=at("08:30")),)


def test_a_first_message_that_is_due_at_the_right_time_is_left_alone() -> None:
    assert decide(ABSENT, [first("due")], HOURS, now=NOW) == Decision(episode=ABSENT)


def test_a_mark_that_arrives_after_its_day_frightens_nobody() -> None:
    late = replace(
        ABSENT, facts={Session.AM: Fact("unexplained", at("08:00", MONDAY.replace(day=9)))}
    )

    assert decide(late, [], HOURS, now=NOW).plan == ()


def test_a_cancelled_first_message_is_taken_up_again_rather_than_doubled() -> None:
    decision = decide(ABSENT, [first("cancelled")], HOURS, now=NOW)

    assert decision.plan == (plan(message_id=FIRST_ID),)


def test_an_arrival_before_sending_cancels_the_first_message() -> None:
    decision = decide(NOT_ABSENT, [first("due")], HOURS, now=NOW)

    assert decision == Decision(episode=NOT_ABSENT, cancel=(FIRST_ID,))


def test_a_child_who_is_in_school_owes_those_who_were_told_one_correction() -> None:
    decision = decide(NOT_ABSENT, [first("sent")], HOURS, now=NOW)

    assert decision.plan == (plan(kind=Kind.CORRECTION, contact_id=PARENT, due_at=NOW),)


def test_a_cancelled_correction_is_taken_up_again_rather_than_doubled() -> None:
    decision = decide(NOT_ABSENT, [first("sent"), correction("cancelled")], HOURS, now=NOW)

    assert [one.message_id for one in decision.plan] == [CORRECTION_ID]


def test_an_absence_marked_again_cancels_a_correction_that_is_still_due() -> None:
    decision = decide(ABSENT, [first("sent"), correction("due")], HOURS, now=NOW)

    assert decision == Decision(episode=ABSENT, cancel=(CORRECTION_ID,))


def test_an_absence_marked_again_after_a_correction_begins_another_round() -> None:
    decision = decide(ABSENT, [first("sent"), correction("sent")], HOURS, now=NOW)

    assert decision == Decision(episode=replace(ABSENT, round=2), plan=(plan(),))


def test_a_later_round_is_owed_even_on_a_later_day() -> None:
    late = replace(
        ABSENT, facts={Session.AM: Fact("unexplained", at("08:00", MONDAY.replace(day=9)))}
    )
    decision = decide(late, [first("sent"), correction("sent")], HOURS, now=NOW)

    assert [one.kind for one in decision.plan] == [Kind.FIRST]


def test_a_search_goes_on_once_a_correction_due_to_nobody_is_cancelled() -> None:
    """The first message proved not to have arrived, and the child is missed again."""
    decision = decide(ABSENT, [passed_on(), correction("due")], HOURS, now=NOW)

    assert decision == Decision(episode=ABSENT, plan=(plan(due_at=NOW),), cancel=(CORRECTION_ID,))


def test_a_call_of_the_office_plans_no_message() -> None:
    decision = decide(NOT_ABSENT, [first("sent"), correction("failed")], HOURS, now=NOW)

    assert decision == Decision(episode=NOT_ABSENT)


def test_a_child_who_is_found_ends_a_round_that_reached_nobody() -> None:
    decision = decide(NOT_ABSENT, [first("failed"), correction("due")], HOURS, now=NOW)

    assert decision == Decision(episode=replace(NOT_ABSENT, round=2), cancel=(CORRECTION_ID,))
