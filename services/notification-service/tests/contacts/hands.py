"""What the tables and the senders of the small world hold: a row, and a message in hand."""

from dataclasses import dataclass
from uuid import UUID

from notification_service.contacts.domain import Message
from notification_service.sending.domain import address, is_true
from notification_service.sending.fates import Failed
from notification_service.sending.messages import Addressed, Answer, Claimed

KEY = b"a key"


@dataclass
class Row:
    """A message as the table keeps it."""

    message: Message
    round: int
    attempt: int = 0
    reference: UUID | None = None
    fingerprint: UUID | None = None


@dataclass
class Hand:
    """A sender with one message in hand; one whose lease ran out must not hand it over."""

    claimed: Claimed
    has_lease: bool = True
    answer: Answer | None = None
    reference: UUID | None = None
    addressed: Addressed | None = None
    is_posted: bool = False
    is_answered: bool = False
    is_refused: bool = False

    @property
    def is_true(self) -> bool:
        return self.answer is not None and is_true(self.claimed, self.answer)

    @property
    def has_nobody(self) -> bool:
        return self.answer is not None and isinstance(self.found, Failed)

    @property
    def found(self) -> object:
        assert self.answer is not None
        return address(self.claimed, self.answer, KEY)
