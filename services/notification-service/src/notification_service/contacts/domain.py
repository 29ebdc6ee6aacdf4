"""What a family has been told about a child's day, what is true, and what is owed between the two.

An episode has *rounds*: in each a family hears at most one first message and one correction. The
rule is one table, `_OWED`: where the round stands, and whether the child is absent without a reason
anybody knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from notification_service.contacts.facts import Episode
from notification_service.schools.domain import Hours


class Kind(StrEnum):
    """What a message says."""

    FIRST = "first"
    CORRECTION = "correction"


class MessageState(StrEnum):
    """How far a message has come; `sent` is accepted by the provider."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an episode's round; a first one has no contact until it is handed over."""

    id: UUID
    kind: Kind
    state: MessageState
    contact_id: UUID | None = None
    due_at: datetime | None = None

    @property
    def is_told(self) -> bool:
        """Whether somebody has heard it, as far as is known."""
        return self.state in {MessageState.SENT, MessageState.DELIVERED}


class Standing(StrEnum):
    """Where a round of messages stands with the family."""

    NOTHING_TOLD = "nothing told"
    FIRST_DUE = "first message due"
    FIRST_IN_HAND = "first message in hand"
    NOBODY_REACHED = "nobody reached"
    TOLD = "told of the absence"
    CORRECTION_DUE = "correction due"
    CORRECTION_POINTLESS = "correction due to nobody"
    CORRECTION_IN_HAND = "correction in hand"
    CORRECTED = "corrected"
    NOT_CORRECTED = "correction failed"


class Step(StrEnum):
    """What is to be done about a round."""

    NOTHING = "nothing"
    PLAN_FIRST = "plan the first message"
    CANCEL_FIRST = "cancel the first message"
    PLAN_CORRECTION = "plan the correction"
    CANCEL_CORRECTION = "cancel the correction"
    NEXT_ROUND = "begin another round"


def standing(messages: Sequence[Message]) -> Standing:
    """Say where a round stands by its messages; what is under way counts before what is done."""
    first = {message.state for message in messages if message.kind is Kind.FIRST}
    correction = {message.state for message in messages if message.kind is Kind.CORRECTION}
    told = bool(first & _TOLD)
    for holds, where in (
        (MessageState.SENDING in first, Standing.FIRST_IN_HAND),
        (MessageState.SENDING in correction, Standing.CORRECTION_IN_HAND),
        (MessageState.DUE in first, Standing.FIRST_DUE),
        (MessageState.DUE in correction and told, Standing.CORRECTION_DUE),
        (MessageState.DUE in correction, Standing.CORRECTION_POINTLESS),
        (bool(correction & _TOLD), Standing.CORRECTED),
        (told and MessageState.FAILED in correction, Standing.NOT_CORRECTED),
        (told, Standing.TOLD),
        (MessageState.FAILED in first, Standing.NOBODY_REACHED),
    ):
        if holds:
            return where
    return Standing.NOTHING_TOLD


_TOLD = {MessageState.SENT, MessageState.DELIVERED}

# (the child is absent and nobody knows why, where the round stands) → what to do. A pair that is
# not here asks for nothing: the family knows what is true, or a message in hand decides first.
_OWED = {
    (True, Standing.NOTHING_TOLD): Step.PLAN_FIRST,
    (True, Standing.FIRST_DUE): Step.PLAN_FIRST,  # again: the due time may have moved
    (True, Standing.CORRECTION_DUE): Step.CANCEL_CORRECTION,
    (True, Standing.CORRECTION_POINTLESS): Step.CANCEL_CORRECTION,
    (True, Standing.CORRECTED): Step.NEXT_ROUND,
    (False, Standing.FIRST_DUE): Step.CANCEL_FIRST,
    (False, Standing.TOLD): Step.PLAN_CORRECTION,
    (False, Standing.CORRECTION_POINTLESS): Step.NEXT_ROUND,
    (False, Standing.NOBODY_REACHED): Step.NEXT_ROUND,
}


def owed(where: Standing, *, absent: bool) -> Step:
    """Say what a round owes the family, given whether the child is absent and nobody knows why."""
    return _OWED.get((absent, where), Step.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A message to be made due: anew, or one of the round's own (`message_id`) again."""

    message_id: UUID | None
    kind: Kind
    contact_id: UUID | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows for one episode: the round it is in now, messages to plan and to cancel."""

    episode: Episode
    plan: Sequence[Plan] = ()
    cancel: Sequence[UUID] = ()


def decide(
    episode: Episode, messages: Sequence[Message], hours: Hours | None, *, now: datetime
) -> Decision:
    """Decide what an episode's current round owes.

    `messages` are the round's own. Without the school's hours a first message is planned without a
    due time; it waits for them. `now` (domain time) is when a correction becomes due.
    """
    step = owed(standing(messages), absent=bool(episode.unexplained))
    if step is Step.NEXT_ROUND:
        following = decide(replace(episode, round=episode.round + 1), (), hours, now=now)
        return replace(following, cancel=_still_due(messages, Kind.CORRECTION))
    if step is Step.PLAN_FIRST:
        return Decision(episode=episode, plan=_plan_first(episode, messages, hours))
    if step is Step.PLAN_CORRECTION:
        return Decision(episode=episode, plan=_plan_corrections(messages, now))
    if step is Step.CANCEL_FIRST:
        return Decision(episode=episode, cancel=_still_due(messages, Kind.FIRST))
    if step is Step.CANCEL_CORRECTION:
        return Decision(episode=episode, cancel=_still_due(messages, Kind.CORRECTION))
    return Decision(episode=episode)


def _plan_first(
    episode: Episode, messages: Sequence[Message], hours: Hours | None
) -> Sequence[Plan]:
    if episode.round == 1 and not episode.is_first_day():
        return ()
    own = next((message for message in messages if message.kind is Kind.FIRST), None)
    due_at = episode.first_due_at(hours) if hours else None
    if own and own.state is MessageState.DUE and own.due_at == due_at:
        return ()
    return (
        Plan(message_id=own.id if own else None, kind=Kind.FIRST, contact_id=None, due_at=due_at),
    )


def _plan_corrections(messages: Sequence[Message], now: datetime) -> Sequence[Plan]:
    """Plan one correction for each who was told, taking up again one that was cancelled."""
    earlier = {
        message.contact_id: message.id for message in messages if message.kind is Kind.CORRECTION
    }
    return tuple(
        Plan(
            message_id=earlier.get(message.contact_id),
            kind=Kind.CORRECTION,
            contact_id=message.contact_id,
            due_at=now,
        )
        for message in messages
        if message.kind is Kind.FIRST and message.is_told
    )


def _still_due(messages: Sequence[Message], kind: Kind) -> Sequence[UUID]:
    return tuple(
        message.id
        for message in messages
        if message.kind is kind and message.state is MessageState.DUE
    )
