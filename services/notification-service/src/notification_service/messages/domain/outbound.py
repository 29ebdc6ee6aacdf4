"""A message on its way: planned, claimed, addressed, handed over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import Session
from notification_service.recipients.domain import Channel


class MessageState(StrEnum):
    """Where a message stands; `sent` is accepted by the provider."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


NOT_YET_SENT: Final = frozenset({MessageState.DUE, MessageState.SENDING, MessageState.CANCELLED})
"""States of a message of which we did not know that the provider has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A message that is to be due; without a due time it waits for one."""

    id: UUID
    episode_id: UUID
    school_id: UUID
    round: int
    kind: str
    contact_id: UUID | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InRound:
    """A message of an episode's round, as far as its subject decides by it.

    `settled_at` is when it was delivered or failed, in domain time; `reason` why it failed.
    """

    id: UUID
    episode_id: UUID
    kind: str
    state: MessageState
    contact_id: UUID | None
    due_at: datetime | None
    settled_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(InRound):
    """A message as readers see it: everything but to whom it went."""

    round: int
    channel: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message in hand: what the sender knows of it while its lease lasts.

    Attributes:
        sessions: those in which somebody looked for the child at any time.
        kind: the name of its purpose.
        version: what the episode had heard when the message was claimed.
        attempt: how often it has been claimed; a sender that was overtaken has an older number.
        tried_seconds: real seconds since it was claimed for the first time.
        failed_at: fingerprints of the addresses at which the round's first message failed.
    """

    id: UUID
    episode_id: UUID
    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    date: date
    sessions: tuple[Session, ...]
    kind: str
    contact_id: UUID | None
    due_at: datetime
    version: int
    attempt: int
    tried_seconds: float
    failed_at: Collection[UUID] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A message with the one person it goes to; `missed` as the register answered."""

    claimed: Claimed
    missed: tuple[Session, ...]
    contact_id: UUID
    channel: Channel
    address: str = field(repr=False)
    fingerprint: UUID
    child_name: str = field(repr=False)
    school_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What a provider is given in one call: one text or e-mail, under our own reference.

    Attributes:
        address: the number or address it goes to.
        values: what stands in the template's places.
        messages: the one that it is, or those of brothers and sisters together.
    """

    reference: UUID
    channel: Channel
    address: str = field(repr=False)
    template_id: UUID
    values: Mapping[str, str] = field(repr=False)
    messages: Sequence[Addressed]
