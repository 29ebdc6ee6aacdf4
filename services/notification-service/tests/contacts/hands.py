"""What the tables and the senders of the small world hold: a row, and a message in hand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from notification_service.contacts.domain import Kind, Message
from notification_service.messages.domain import (
    Addressed,
    Claimed,
    Failed,
    MessageState,
    NotOpen,
    PutOff,
)


@dataclass
class Row:
    """A message as the table keeps it."""

    message: Message
    round: int
    attempt: int = 0
    reference: UUID | None = None
    fingerprint: UUID | None = None

    @property
    def is_due(self) -> bool:
        return self.message.state is MessageState.DUE

    def is_put_off(self, now: datetime) -> bool:
        """Tell whether it waits for the morning; first messages are due whatever the time is."""
        is_to_come = self.message.due_at is not None and self.message.due_at > now
        return self.message.kind is Kind.CORRECTION and is_to_come


@dataclass
class Hand:
    """A sender with one message in hand; one whose lease ran out must not hand it over.

    `found` is what the register's answer has made of the message.
    """

    claimed: Claimed
    has_lease: bool = True
    found: Addressed | NotOpen | PutOff | Failed | None = None
    reference: UUID | None = None
    is_posted: bool = False
    is_answered: bool = False
    is_refused: bool = False
