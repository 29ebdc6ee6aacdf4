"""A message on its way: claimed, answered for, addressed, handed over.

Numbers and addresses live in these values alone, in memory, from the register's answer to the
hand-over.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import CorrectionHours, Kind
from notification_service.contacts.facts import State


class Channel(StrEnum):
    """How a message travels."""

    SMS = "sms"
    EMAIL = "email"


def fingerprint(address: str, key: bytes) -> UUID:
    """Return what a number or address is known again by; without the key nobody can find it out.

    Each has one spelling: a number its E.164, an address its small letters.
    """
    digest = hashlib.blake2b(address.casefold().encode(), key=key, digest_size=16)
    return UUID(bytes=digest.digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message in hand: what the sender knows of it while its lease lasts.

    Attributes:
        sessions: those in which somebody looked for the child at any time.
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
    kind: Kind
    contact_id: UUID | None
    due_at: datetime
    version: int
    attempt: int
    tried_seconds: float
    failed_at: Collection[UUID] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person who may be told now. Lives in memory alone, and never in a log.

    `mobile` is a number that can be texted, in E.164.
    """

    contact_id: UUID
    mobile: str | None = field(repr=False)
    email: str | None = field(repr=False)
    priority: int

    @property
    def ways(self) -> Sequence[tuple[Channel, str]]:
        """How this person may be reached, first choice first: a text is seen at once."""
        ways = ((Channel.SMS, self.mobile), (Channel.EMAIL, self.email))
        return [(channel, address) for channel, address in ways if address]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the register says about one message at the moment of sending.

    Attributes:
        missed: the sessions, begun by now, in which nobody knows where the child is.
        stands: what it says of each session of the day that has had a mark.
        hours: when a correction may go.
    """

    child_name: str = field(repr=False)
    school_name: str
    missed: tuple[Session, ...]
    stands: Mapping[Session, State]
    hours: CorrectionHours
    recipients: Sequence[Recipient]


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
    """One text or e-mail: one message, or those of brothers and sisters together."""

    reference: UUID
    messages: Sequence[Addressed]

    @property
    def channel(self) -> Channel:
        """How it travels."""
        return self.messages[0].channel

    @property
    def address(self) -> str:
        """The number or address it goes to."""
        return self.messages[0].address

    @property
    def kind(self) -> Kind:
        """What it says."""
        return self.messages[0].claimed.kind

    @property
    def names_siblings(self) -> bool:
        """Whether it speaks of more than one child."""
        return len(self.messages) > 1
