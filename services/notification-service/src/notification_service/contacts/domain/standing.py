"""Where a round of messages stands with a family, by what has become of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import london_date
from notification_service.contacts.domain.purposes import Kind
from notification_service.messages.domain import InRound, MessageState


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an episode's round; a first one has no contact until it is handed over.

    `passes_on`: whether it failed so that somebody else is to be told in its stead.
    """

    id: UUID
    kind: Kind
    state: MessageState
    contact_id: UUID | None = None
    due_at: datetime | None = None
    passes_on: bool = False

    @classmethod
    def of(cls, kept: InRound, *, day: date) -> "Message":
        """Return a message of a round as it counts for the absence of a day."""
        kind = Kind(kept.kind)
        passes = passes_on(kind, kept.reason, settled_at=kept.settled_at, day=day)
        return cls(kept.id, kind, kept.state, kept.contact_id, kept.due_at, passes)

    @property
    def is_told(self) -> bool:
        """Whether somebody has heard it, as far as is known."""
        return self.state in {MessageState.SENT, MessageState.DELIVERED}


_THE_ADDRESS_FAILED: Final = frozenset(
    {"refused", "permanent-failure", "temporary-failure", "technical-failure"}
)
"""Reasons of the provider's own; all others are that nobody is left, or that nobody was asked."""


def passes_on(kind: Kind, reason: str | None, *, settled_at: datetime | None, day: date) -> bool:
    """Tell whether a message that failed passes the turn on: to another address, another person.

    On the absence's own day alone: who was not told on Monday is not to be frightened on Tuesday.
    `settled_at` is when it failed.
    """
    return (
        kind is Kind.FIRST
        and reason in _THE_ADDRESS_FAILED
        and settled_at is not None
        and london_date(settled_at) <= day
    )


class Standing(StrEnum):
    """Where a round of messages stands with the family."""

    NOTHING_TOLD = "nothing told"
    FIRST_DUE = "first message due"
    FIRST_IN_HAND = "first message in hand"
    TURN_PASSES = "the turn passes on"
    NOBODY_REACHED = "nobody reached"
    TOLD = "told of the absence"
    CORRECTION_DUE = "correction due"
    CORRECTION_POINTLESS = "correction due to nobody"
    CORRECTION_IN_HAND = "correction in hand"
    CORRECTED = "corrected"
    NOT_CORRECTED = "correction failed"


def standing(messages: Sequence[Message]) -> Standing:
    """Say where a round stands by its messages; what is under way counts before what is done.

    A round has one first message beside those that passed the turn on.
    """
    first = {
        message.state
        for message in messages
        if message.kind is Kind.FIRST and not message.passes_on
    }
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
        (any(message.passes_on for message in messages), Standing.TURN_PASSES),
    ):
        if holds:
            return where
    return Standing.NOTHING_TOLD


_TOLD = {MessageState.SENT, MessageState.DELIVERED}
