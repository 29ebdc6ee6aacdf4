"""What a family has been told, against what is true: the table of what is owed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from uuid import UUID, uuid4

import pytest

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import (
    Decision,
    Kind,
    Message,
    MessageState,
    Plan,
    Standing,
    Step,
    decide,
    owed,
    standing,
)
from notification_service.contacts.facts import Episode, Fact
from notification_service.schools.domain import Hours
from notification_service.testing import MONDAY, at

HOURS = Hours(time(8, 45), time(13), register_open_minutes=30, contact_grace_minutes=5)
FIRST_ID, CORRECTION_ID, PARENT = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = at("09:00")


def first(state: str) -> Message:
    is_known = state in {"sent", "delivered", "failed"}
    return Message(
        FIRST_ID, Kind.FIRST, MessageState(state), PARENT if is_known else None, at("08:20")
    )


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
    ],
)
def test_a_round_stands_where_its_messages_have_come_to(
    messages: Sequence[Message], where: Standing
) -> None:
    assert standing(messages) is where


@pytest.mark.parametrize(
    ("where", "if_absent", "if_not"),
    [
        (Standing.NOTHING_TOLD, Step.PLAN_FIRST, Step.NOTHING),
        (Standing.FIRST_DUE, Step.PLAN_FIRST, Step.CANCEL_FIRST),
        (Standing.FIRST_IN_HAND, Step.NOTHING, Step.NOTHING),
        (Standing.NOBODY_REACHED, Step.NOTHING, Step.NEXT_ROUND),
        (Standing.TOLD, Step.NOTHING, Step.PLAN_CORRECTION),
        (Standing.CORRECTION_DUE, Step.CANCEL_CORRECTION, Step.NOTHING),
        (Standing.CORRECTION_POINTLESS, Step.CANCEL_CORRECTION, Step.NEXT_ROUND),
        (Standing.CORRECTION_IN_HAND, Step.NOTHING, Step.NOTHING),
        (Standing.CORRECTED, Step.NEXT_ROUND, Step.NOTHING),
        (Standing.NOT_CORRECTED, Step.NOTHING, Step.NOTHING),
    ],
)
def test_what_is_owed(where: Standing, if_absent: Step, if_not: Step) -> None:
    assert (owed(where, absent=True), owed(where, absent=False)) == (if_absent, if_not)


def test_every_standing_has_its_line_in_the_table_above() -> None:
    (_, lines), *_ = (mark.args for mark in test_what_is_owed.pytestmark)  # type: ignore[attr-defined]

    assert {line[0] for line in lines} == set(Standing)


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


def test_a_reason_before_sending_cancels_the_first_message() -> None:
    decision = decide(NOT_ABSENT, [first("due")], HOURS, now=NOW)

    assert decision == Decision(episode=NOT_ABSENT, cancel=(FIRST_ID,))


def test_a_reason_after_sending_owes_those_who_were_told_one_correction_at_once() -> None:
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


def test_a_child_who_is_found_ends_a_round_that_reached_nobody() -> None:
    decision = decide(NOT_ABSENT, [first("failed"), correction("due")], HOURS, now=NOW)

    assert decision == Decision(episode=replace(NOT_ABSENT, round=2), cancel=(CORRECTION_ID,))
