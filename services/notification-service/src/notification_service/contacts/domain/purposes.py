"""The kinds of message about an absence: whom each is for, when it is true, and what it says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from attendance_contracts.calendar import Session
from notification_service.messages.domain import Addressed, Claimed, Failed, PutOff, Rules
from notification_service.recipients.domain import Answer, Recipient


class Kind(StrEnum):
    """What a message says."""

    FIRST = "first"
    CORRECTION = "correction"


_SOME: Final = "for at least one session"
_PARTS: Final[Mapping[tuple[Session, ...], str]] = {
    (Session.AM,): "in the morning",
    (Session.PM,): "in the afternoon",
    (Session.AM, Session.PM): "all day",
}


class FirstContact(Rules):
    """Nobody knows where the child is: to the first who can be reached, whatever the hour."""

    kind: ClassVar[str] = Kind.FIRST
    question: ClassVar[str] = "first-contact"
    nobody: ClassVar[Failed] = Failed("nobody-to-tell")
    is_timed: ClassVar[bool] = True

    def is_true(self, claimed: Claimed, answer: Answer) -> bool:  # noqa: ARG002 - `Rules`
        """Tell whether nobody knows now where the child is."""
        return bool(answer.missed)

    def withheld(self, answer: Answer, *, now: datetime) -> None:
        """Withhold nothing: somebody has to look for the child at once."""

    def is_for(self, recipient: Recipient, claimed: Claimed) -> bool:  # noqa: ARG002 - `Rules`
        """Take everybody who may be told, in the register's order."""
        return True

    def values(self, messages: Sequence[Addressed]) -> dict[str, str]:
        """Say of which part of the day it is true, of every child that is named."""
        parts = {_PARTS.get(message.missed, _SOME) for message in messages}
        return {"session": parts.pop() if len(parts) == 1 else _SOME}


class Correction(Rules):
    """The child was there, or not expected, after all: to the one who was told, by day."""

    kind: ClassVar[str] = Kind.CORRECTION
    question: ClassVar[str] = "correction"
    nobody: ClassVar[Failed] = Failed("no-longer-allowed")
    is_timed: ClassVar[bool] = False

    def is_true(self, claimed: Claimed, answer: Answer) -> bool:
        """Tell whether it is so of every session in which somebody looked for the child."""
        return not answer.missed and all(
            answer.stands.get(session) == "withdrawn" for session in claimed.sessions
        )

    def withheld(self, answer: Answer, *, now: datetime) -> PutOff | Failed | None:
        """Let it wait for the morning; after the next school day it has become too late."""
        may_go_at = answer.hours.may_go_at(now)
        if may_go_at is None:
            return Failed("too-late")
        return PutOff(may_go_at) if may_go_at > now else None

    def is_for(self, recipient: Recipient, claimed: Claimed) -> bool:
        """Take the one who was told, and nobody else."""
        return recipient.contact_id == claimed.contact_id

    def values(self, messages: Sequence[Addressed]) -> dict[str, str]:  # noqa: ARG002 - `Rules`
        """Say nothing beside the names, the school and the day."""
        return {}


KINDS: Final[Sequence[Rules]] = (FirstContact(), Correction())
"""All there are. A new one needs its templates too: `providers/notify/settings.py`."""
