"""What a family has been told about a child's day, what is true, and what is owed between the two.

An episode has *rounds*: in each a family hears at most one first message and one correction. The
rule is one table, `_OWED`: what was last said, and what stands of the day now. A family that gives
a reason is told nothing: what it was told was true. Corrected is what turns out not to have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import london_date
from notification_service.contacts.domain.facts import Episode, Stands
from notification_service.contacts.domain.purposes import Kind
from notification_service.contacts.domain.standing import Message, Standing, standing
from notification_service.messages.domain import MessageState
from notification_service.schools.domain import Hours


class Step(StrEnum):
    """What is to be done about a round."""

    NOTHING = "nothing"
    TELL = "plan the first message, or move it"
    CORRECT = "plan the correction"
    CANCEL = "cancel what is due"
    BEGIN_AGAIN = "begin another round"
    RING = "somebody of the office rings"


_NOTHING, _TELL, _CORRECT, _CANCEL, _AGAIN, _RING = Step

# What was last said → what to do for each of what may stand now, in the order of `Stands`:
#    missed   explained  retracted  here
_OWED: Final = {
    Standing.NOTHING_TOLD: (_TELL, _NOTHING, _NOTHING, _NOTHING),
    Standing.FIRST_DUE: (_TELL, _CANCEL, _CANCEL, _CANCEL),
    # A message in hand decides first: what follows from it is asked again when it is settled.
    Standing.FIRST_IN_HAND: (_NOTHING, _NOTHING, _NOTHING, _NOTHING),
    Standing.TURN_PASSES: (_TELL, _AGAIN, _AGAIN, _AGAIN),
    Standing.NOBODY_REACHED: (_NOTHING, _AGAIN, _AGAIN, _AGAIN),
    # A mark that was taken back says nothing of where the child is: no "you need do nothing" yet.
    Standing.TOLD: (_NOTHING, _NOTHING, _NOTHING, _CORRECT),
    Standing.CORRECTION_DUE: (_CANCEL, _CANCEL, _CANCEL, _NOTHING),
    Standing.CORRECTION_POINTLESS: (_CANCEL, _AGAIN, _AGAIN, _AGAIN),
    Standing.CORRECTION_IN_HAND: (_NOTHING, _NOTHING, _NOTHING, _NOTHING),
    Standing.CORRECTED: (_AGAIN, _NOTHING, _NOTHING, _NOTHING),
    # No message will say any more that the child was there: a person does.
    Standing.NOT_CORRECTED: (_NOTHING, _NOTHING, _NOTHING, _RING),
}


def owed(said: Standing, stands: Stands) -> Step:
    """Say what a family is owed, given what it was last told and what stands of the day now."""
    return dict(zip(Stands, _OWED[said], strict=True))[stands]


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
    step = owed(standing(messages), episode.stands)
    if step is Step.BEGIN_AGAIN:
        following = decide(replace(episode, round=episode.round + 1), (), hours, now=now)
        return replace(following, cancel=_still_due(messages))
    if step is Step.TELL:
        return Decision(episode=episode, plan=_plan_first(episode, messages, hours, now))
    if step is Step.CORRECT:
        return Decision(episode=episode, plan=_plan_corrections(messages, now))
    if step is Step.CANCEL:
        # What is left may owe something: a search for somebody to tell that goes on, for instance.
        following = decide(episode, _without_due(messages), hours, now=now)
        return replace(following, cancel=_still_due(messages))
    return Decision(episode=episode)


def look_again(episode: Episode, messages: Sequence[Message], *, now: datetime) -> Decision:
    """Decide what a new way to reach the family changes: a search that had found nobody goes on."""
    if episode.unexplained and standing(messages) is Standing.NOBODY_REACHED:
        return Decision(episode=episode, plan=_search_on(episode, messages, now))
    return Decision(episode=episode)


def _search_on(episode: Episode, messages: Sequence[Message], now: datetime) -> Sequence[Plan]:
    """Plan at once a message to whoever is left; the sender finds out who that is."""
    own = _own_first(messages)
    if (own and own.state is MessageState.DUE) or london_date(now) > episode.date:
        return ()
    return (Plan(message_id=own.id if own else None, kind=Kind.FIRST, contact_id=None, due_at=now),)


def _own_first(messages: Sequence[Message]) -> Message | None:
    """Return the round's one first message that may still go to somebody."""
    firsts = (message for message in messages if message.kind is Kind.FIRST)
    return next((message for message in firsts if not message.passes_on), None)


def _plan_first(
    episode: Episode, messages: Sequence[Message], hours: Hours | None, now: datetime
) -> Sequence[Plan]:
    if any(message.passes_on for message in messages):
        return _search_on(episode, messages, now)
    if episode.round == 1 and not episode.is_first_day():
        return ()
    own = _own_first(messages)
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


def _still_due(messages: Sequence[Message]) -> Sequence[UUID]:
    return tuple(message.id for message in messages if message.state is MessageState.DUE)


def _without_due(messages: Sequence[Message]) -> Sequence[Message]:
    due = _still_due(messages)
    return [
        replace(one, state=MessageState.CANCELLED) if one.id in due else one for one in messages
    ]
