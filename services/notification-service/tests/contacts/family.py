"""The family of the small world: who they are, where they are reached, what they have read."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from notification_service.contacts.domain import Kind
from notification_service.messages.domain import Addressed
from notification_service.recipients.domain import Recipient

MOTHER, FATHER = UUID(int=3), UUID(int=4)
HER_NUMBER, HER_BETTER_NUMBER, HIS_NUMBER = "+447700900301", "+447700900303", "+447700900302"
HER_ADDRESS = "mother@example.org"


@dataclass(frozen=True)
class Handed:
    """What the provider has accepted; `arrives` or, as a receipt tells later, does not."""

    round: int
    kind: Kind
    contact_id: UUID
    address: str
    arrives: bool
    at: datetime


@dataclass
class Family:
    """A mother with a number and an e-mail address, and a father with a number.

    Attributes:
        accepted: what the provider has for them, by our reference, in the order of acceptance.
        refused: where the provider takes no first message.
        silent: where it takes one that does not arrive.
        is_news: whether the service has yet to hear that contacts changed.
    """

    accepted: dict[UUID, Handed] = field(default_factory=dict)
    her_number: str = HER_NUMBER
    refused: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    is_news: bool = False

    def takes(self, message: Addressed, reference: UUID, round_: int, at: datetime) -> bool:
        """Let the provider have a message for them; false where it refuses it.

        Only first messages fail here: a correction that does is not passed on.
        """
        kind = Kind(message.claimed.kind)
        if kind is Kind.FIRST and message.address in self.refused:
            return False
        self.accepted[reference] = Handed(
            round=round_,
            kind=kind,
            contact_id=message.contact_id,
            address=message.address,
            arrives=kind is Kind.CORRECTION or message.address not in self.silent,
            at=at,
        )
        return True

    def correct_her_number(self) -> None:
        if self.her_number != HER_BETTER_NUMBER:
            self.her_number, self.is_news = HER_BETTER_NUMBER, True

    @property
    def recipients(self) -> list[Recipient]:
        return [
            Recipient(contact_id=MOTHER, mobile=self.her_number, email=HER_ADDRESS, priority=1),
            Recipient(contact_id=FATHER, mobile=HIS_NUMBER, email=None, priority=2),
        ]

    @property
    def who_believe_absent(self) -> set[UUID]:
        """Those for whom what reached them last is a first message."""
        last = {one.contact_id: one.kind for one in self.accepted.values() if one.arrives}
        return {person for person, kind in last.items() if kind is Kind.FIRST}

    @property
    def fails(self) -> set[str]:
        """Where a first message is refused, or does not arrive."""
        return self.refused | self.silent

    @property
    def is_anybody_left(self) -> bool:
        """Whether an address of theirs takes messages."""
        addresses = {self.her_number, HER_ADDRESS, HIS_NUMBER}
        return bool(addresses - self.fails)
