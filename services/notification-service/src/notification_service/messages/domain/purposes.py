"""What a kind of message is made of; each is written beside the subject that owns it."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Protocol

from notification_service.messages.domain.fates import Failed, PutOff
from notification_service.messages.domain.outbound import Addressed, Claimed
from notification_service.recipients.domain import Answer, Recipient


class Rules(Protocol):
    """One kind of message: whom it is for, when it is true, and what it says.

    Attributes:
        kind: its name, under which its messages are kept, counted and announced.
        question: what the register is asked with, for it alone knows who may be told now.
        nobody: its fate where nobody whom it is for can be reached.
        is_timed: whether the time from due to hand-over is measured: somebody waits for it.
    """

    kind: ClassVar[str]
    question: ClassVar[str]
    nobody: ClassVar[Failed]
    is_timed: ClassVar[bool]

    def is_true(self, claimed: Claimed, answer: Answer) -> bool:
        """Tell whether what a message says is what the register says now."""
        ...

    def withheld(self, answer: Answer, *, now: datetime) -> PutOff | Failed | None:
        """Tell whether a message that is true waits for another hour, or has become too late."""
        ...

    def is_for(self, recipient: Recipient, claimed: Claimed) -> bool:
        """Tell whether a message may go to this person, among those who may be told."""
        ...

    def values(self, messages: Sequence[Addressed]) -> dict[str, str]:
        """Return what stands in the template's places, beside the names and the school."""
        ...
