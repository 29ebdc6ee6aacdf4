"""Whom the turn to be told passes to, as far as an episode decides it: when, and how often."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
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
    decide,
    look_again,
    passes_on,
)
from notification_service.messages.domain import MessageState
from notification_service.schools.domain import Hours
from notification_testing.facts import MONDAY, at

HOURS = Hours(time(8, 45), time(13), register_open_minutes=30, contact_grace_minutes=5)
NOW, OWN = at("09:40"), UUID(int=1)
ABSENT = Episode(
    id=uuid4(),
    enrolment_id=uuid4(),
    child_id=uuid4(),
    school_id=uuid4(),
    date=MONDAY,
    facts={Session.AM: Fact("unexplained", at("08:00"))},
)
FOUND = replace(ABSENT, facts={Session.AM: Fact("withdrawn", at("08:30"))})
PASSED = Message(uuid4(), Kind.FIRST, MessageState.FAILED, uuid4(), at("08:20"), passes_on=True)


def first(state: str) -> Message:
    return Message(OWN, Kind.FIRST, MessageState(state), due_at=at("09:30"))


def at_once(message_id: UUID | None) -> Plan:
    return Plan(message_id=message_id, kind=Kind.FIRST, contact_id=None, due_at=NOW)


@pytest.mark.parametrize(
    ("messages", "plan"),
    [
        ([PASSED], (at_once(None),)),
        ([PASSED, PASSED], (at_once(None),)),
        ([PASSED, first("cancelled")], (at_once(OWN),)),
        ([PASSED, first("due")], ()),
        ([PASSED, first("sending")], ()),
        ([PASSED, first("sent")], ()),
        ([PASSED, first("failed")], ()),
    ],
)
def test_a_failed_message_passes_the_turn_on_at_once_and_once(
    messages: Sequence[Message], plan: Sequence[Plan]
) -> None:
    assert decide(ABSENT, messages, HOURS, now=NOW) == Decision(episode=ABSENT, plan=plan)


def test_of_a_child_who_was_found_meanwhile_nobody_else_is_told() -> None:
    assert decide(FOUND, [PASSED], HOURS, now=NOW).plan == ()


def test_the_turn_passes_on_the_absences_own_day_alone() -> None:
    assert decide(ABSENT, [PASSED], HOURS, now=NOW + timedelta(days=1)).plan == ()


@pytest.mark.parametrize(
    ("messages", "plan"),
    [
        ([first("failed")], (at_once(OWN),)),
        ([PASSED, first("failed")], (at_once(OWN),)),
        ([first("due")], ()),
        ([first("sending")], ()),
        ([first("sent")], ()),
        ([PASSED, first("delivered")], ()),
    ],
)
def test_a_better_number_is_tried_where_nobody_was_left(
    messages: Sequence[Message], plan: Sequence[Plan]
) -> None:
    assert look_again(ABSENT, messages, now=NOW) == Decision(episode=ABSENT, plan=plan)


def test_a_better_number_tells_nobody_of_a_child_who_was_found_or_of_a_day_that_is_over() -> None:
    assert look_again(FOUND, [first("failed")], now=NOW).plan == ()
    assert look_again(ABSENT, [first("failed")], now=NOW + timedelta(days=1)).plan == ()


@pytest.mark.parametrize(
    ("reason", "passes"),
    [
        ("refused", True),
        ("permanent-failure", True),
        ("temporary-failure", True),
        ("technical-failure", True),
        ("nobody-to-tell", False),
        ("register-away", False),
        ("provider-away", False),
        (None, False),
    ],
)
def test_what_the_provider_cannot_deliver_passes_the_turn_on(
    reason: str | None, *, passes: bool
) -> None:
    assert passes_on(Kind.FIRST, reason, settled_at=NOW, day=MONDAY) is passes
    assert not passes_on(Kind.CORRECTION, reason, settled_at=NOW, day=MONDAY)


def test_what_fails_on_a_later_day_passes_nothing_on() -> None:
    late = NOW + timedelta(days=1)
    assert not passes_on(Kind.FIRST, "permanent-failure", settled_at=late, day=MONDAY)
