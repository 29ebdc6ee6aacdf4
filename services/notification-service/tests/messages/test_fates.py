"""What became of an attempt, and what that makes of a message."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import Kind
from notification_service.messages.domain import (
    LONGEST_WAIT_SECONDS,
    Accepted,
    Attempt,
    Away,
    Claimed,
    Failed,
    Held,
    MessageState,
    NotOpen,
    PutOff,
    Settled,
    TryLater,
    TryTomorrow,
    Unknown,
    settled,
    state_after,
    wait_seconds,
)
from notification_service.recipients.domain import Channel
from notification_testing.facts import MONDAY, at

ACCEPTED = Accepted(UUID(int=1), UUID(int=2))
CLAIMED = Claimed(
    id=uuid4(),
    episode_id=uuid4(),
    enrolment_id=uuid4(),
    child_id=uuid4(),
    school_id=uuid4(),
    date=MONDAY,
    sessions=(Session.AM,),
    kind=Kind.FIRST,
    contact_id=None,
    due_at=at("08:20"),
    version=1,
    attempt=2,
    tried_seconds=0,
)
HELD = Held(
    id=CLAIMED.id,
    episode_id=CLAIMED.episode_id,
    kind=Kind.FIRST,
    state=MessageState.SENDING,
    attempt=2,
    channel=Channel.SMS,
)


@pytest.mark.parametrize(
    ("fate", "state", "reason"),
    [
        (ACCEPTED, MessageState.SENT, None),
        (Failed("refused"), MessageState.FAILED, "refused"),
        (NotOpen(), MessageState.CANCELLED, None),
        (TryLater(3), MessageState.DUE, None),
        (TryTomorrow(), MessageState.DUE, None),
        (PutOff(at("07:00")), MessageState.DUE, None),
        (Failed("too-late"), MessageState.FAILED, "too-late"),
        (Unknown(), MessageState.SENDING, None),
    ],
)
def test_a_fate_moves_a_message_in_hand(
    fate: Settled, state: MessageState, reason: str | None
) -> None:
    made = state_after(HELD, Attempt(claimed=CLAIMED, fate=fate))

    assert made is not None
    assert (made.state, made.reason) == (state, reason)


@pytest.mark.parametrize("state", [MessageState.DUE, MessageState.CANCELLED])
def test_that_it_was_accepted_counts_even_when_the_sender_was_thought_dead(
    state: MessageState,
) -> None:
    made = state_after(replace(HELD, state=state), Attempt(claimed=CLAIMED, fate=ACCEPTED))

    assert made is not None
    assert made.state is MessageState.SENT


@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED])
def test_a_message_that_is_done_stays_as_it_is(state: MessageState) -> None:
    for fate in (ACCEPTED, Failed("refused"), NotOpen(), TryLater(0), Unknown()):
        assert state_after(replace(HELD, state=state), Attempt(claimed=CLAIMED, fate=fate)) is None


@pytest.mark.parametrize("fate", [Failed("refused"), NotOpen(), TryLater(0), Unknown()])
def test_a_sender_that_was_overtaken_undoes_nothing(fate: Settled) -> None:
    assert state_after(replace(HELD, attempt=3), Attempt(claimed=CLAIMED, fate=fate)) is None


def test_the_wait_between_attempts_doubles_up_to_half_a_minute() -> None:
    assert [wait_seconds(attempt) for attempt in (1, 2, 3, 4)] == [0.5, 1, 2, 4]
    assert wait_seconds(10_000) == LONGEST_WAIT_SECONDS


def test_whoever_is_away_is_waited_for_until_patience_runs_out() -> None:
    impatient = replace(CLAIMED, tried_seconds=14_401)

    assert settled(Away("provider"), CLAIMED, give_up_after_seconds=14_400) == TryLater(1)
    assert settled(Away("provider"), impatient, give_up_after_seconds=14_400) == Failed(
        "provider-away"
    )
    assert settled(Away("register"), impatient, give_up_after_seconds=14_400) == Failed(
        "register-away"
    )


def test_an_answer_is_an_answer_however_long_it_took() -> None:
    impatient = replace(CLAIMED, tried_seconds=14_401)

    assert settled(ACCEPTED, impatient, give_up_after_seconds=14_400) == ACCEPTED
