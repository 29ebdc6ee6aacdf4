"""What became of an attempt to send a message, and where the message stands by it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from notification_service.messages.domain.outbound import NOT_YET_SENT, Claimed, MessageState
from notification_service.recipients.domain import Channel

FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it: under our reference, and under an id of its own."""

    reference: UUID
    provider_id: UUID


@dataclass(frozen=True, slots=True)
class Failed:
    """It will never be sent: refused for good, or nobody may be told."""

    reason: Literal[
        "refused",
        "nobody-to-tell",
        "no-longer-allowed",
        "too-late",
        "register-away",
        "provider-away",
    ]


@dataclass(frozen=True, slots=True)
class NotOpen:
    """The register does not say now what the message says: there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class TryLater:
    """It was certainly not accepted; it is due again after some real seconds."""

    wait_seconds: float


@dataclass(frozen=True, slots=True)
class TryTomorrow:
    """The provider's daily limit is used up; it is counted anew from midnight UTC."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """The school's quiet hours: it is due when they end, in domain time."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether it was accepted; the provider is asked by its reference later."""


@dataclass(frozen=True, slots=True)
class Away:
    """The register or the provider could not be reached: certainly nothing was accepted."""

    who: Literal["register", "provider"]


Settled: TypeAlias = Accepted | Failed | NotOpen | TryLater | TryTomorrow | PutOff | Unknown
Fate: TypeAlias = Settled | Away


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to send one message, and what became of it."""

    claimed: Claimed
    fate: Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A message as it is kept, its row locked; `channel` is None until it has been addressed."""

    id: UUID
    episode_id: UUID
    kind: str
    state: MessageState
    attempt: int
    channel: Channel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageNews:
    """A message has come to this state; without a channel it was never anybody's.

    `reason` is why it failed, if it did.
    """

    message_id: UUID
    episode_id: UUID
    kind: str
    channel: Channel | None
    state: MessageState
    reason: str | None


@dataclass(frozen=True, slots=True)
class StateAfter:
    """Where a message stands by an attempt's fate."""

    held: Held
    fate: Settled

    @property
    def state(self) -> MessageState:
        """Where the message stands now."""
        return _STATE_AFTER[type(self.fate)]

    @property
    def news(self) -> MessageNews:
        """What its subject hears of it."""
        return MessageNews(
            message_id=self.held.id,
            episode_id=self.held.episode_id,
            kind=self.held.kind,
            channel=self.held.channel,
            state=self.state,
            reason=self.reason,
        )

    @property
    def reason(self) -> str | None:
        """Why it will not be sent."""
        return self.fate.reason if isinstance(self.fate, Failed) else None

    @property
    def accepted(self) -> Accepted | None:
        """Under which ids the provider has it."""
        return self.fate if isinstance(self.fate, Accepted) else None

    @property
    def wait_seconds(self) -> float:
        """Real seconds until a message that is due again may be tried."""
        return self.fate.wait_seconds if isinstance(self.fate, TryLater) else 0

    @property
    def due_at(self) -> datetime | None:
        """When a message that is put off becomes due, in domain time."""
        return self.fate.until if isinstance(self.fate, PutOff) else None

    @property
    def waits_until_tomorrow(self) -> bool:
        """Whether a message that is due again waits until midnight UTC instead."""
        return isinstance(self.fate, TryTomorrow)


_STATE_AFTER: Final[Mapping[type[Settled], MessageState]] = {
    Accepted: MessageState.SENT,
    Failed: MessageState.FAILED,
    NotOpen: MessageState.CANCELLED,
    TryLater: MessageState.DUE,
    TryTomorrow: MessageState.DUE,
    PutOff: MessageState.DUE,
    Unknown: MessageState.SENDING,
}


def as_of_now(attempt: Attempt, *, version: int) -> Attempt:
    """Return an attempt as it counts; `version` is what the episode has heard by now.

    That nobody is left is asked again after any news: it may be of somebody who can be reached.
    """
    if attempt.fate == Failed("nobody-to-tell") and attempt.claimed.version != version:
        return replace(attempt, fate=TryLater(0))
    return attempt


def state_after(held: Held, attempt: Attempt) -> StateAfter | None:
    """Say where a message stands after an attempt; None if that comes too late to mean anything.

    That the provider has accepted it is true whoever finds out, and when. Everything else holds
    only for the attempt in hand: a sender whose lease ran out must not undo what another began.
    """
    if isinstance(attempt.fate, Accepted):
        counts = held.state in NOT_YET_SENT
    else:
        counts = held.state is MessageState.SENDING and held.attempt == attempt.claimed.attempt
    return StateAfter(held, attempt.fate) if counts else None


def wait_seconds(attempt: int) -> float:
    """Return how long to wait after an attempt that came to nothing: doubling, up to a limit."""
    return min(FIRST_WAIT_SECONDS * 2.0 ** min(attempt - 1, 16), LONGEST_WAIT_SECONDS)


def settled(fate: Fate, claimed: Claimed, *, give_up_after_seconds: float) -> Settled:
    """Turn "away" into another try, after a wait, or into failure once patience has run out.

    Patience is real time since the first try: it measures how long somebody else was away, and a
    driven clock that jumps over a day has kept nobody waiting.
    """
    if not isinstance(fate, Away):
        return fate
    if claimed.tried_seconds > give_up_after_seconds:
        return Failed("register-away" if fate.who == "register" else "provider-away")
    return TryLater(wait_seconds(claimed.attempt))
