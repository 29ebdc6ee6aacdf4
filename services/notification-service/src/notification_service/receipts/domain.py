"""What a delivery receipt says about a message, whenever and however often it comes.

Statuses: GOV.UK Notify, REST API documentation, "Delivery receipts" and "Status".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from notification_service.contacts.domain import Kind, MessageState
from notification_service.sending.fates import NOT_YET_SENT
from notification_service.sending.messages import Channel

_FINAL: Final[Mapping[str, MessageState]] = {
    "delivered": MessageState.DELIVERED,
    "permanent-failure": MessageState.FAILED,
    "temporary-failure": MessageState.FAILED,
    "technical-failure": MessageState.FAILED,
}


_ON_ITS_WAY: Final = frozenset({"created", "sending", "pending", "sent"})
UNKNOWN: Final = "unknown"
"""Stands for every status that Notify has not told us of; all of them prove that it accepted."""


def tidy_status(status: str) -> str:
    """Return a status that we know, or `UNKNOWN`: what is kept is never the sender's own words."""
    return status if status in _FINAL or status in _ON_ITS_WAY else UNKNOWN


@dataclass(frozen=True, slots=True)
class NewReceipt:
    """A receipt as it comes: the provider's id of what we sent under a reference, its status."""

    reference: UUID
    notify_id: UUID
    status: str

    @property
    def weight(self) -> int:
        """Return the one row that it takes."""
        return 1

    @property
    def key(self) -> "NewReceipt":
        """Return itself: only the very same receipt, told twice at once, waits for the first."""
        return self


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as it was kept; `id` says in which order they came."""

    id: int
    reference: UUID
    notify_id: UUID
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipted:
    """A message of which a receipt speaks, its row locked."""

    id: UUID
    episode_id: UUID
    reference: UUID
    kind: Kind
    channel: Channel
    state: MessageState


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How far a message has come by its receipts; `states` are those it newly passed."""

    message: Receipted
    notify_id: UUID
    states: Sequence[MessageState]
    reason: str | None

    @property
    def state(self) -> MessageState:
        """How far it has come."""
        return self.states[-1]


def states_passed(message: Receipted, receipts: Sequence[Receipt]) -> Passed | None:
    """Say how far a message has come by its receipts, in the order they came; None: no further.

    Any receipt proves that the provider accepted the message, even one that comes before our own
    call was answered. The first final status stands.
    """
    states: list[MessageState] = []
    if message.state in NOT_YET_SENT:
        states.append(MessageState.SENT)
    final = next((one for one in receipts if one.status in _FINAL), None)
    if final and message.state in {*NOT_YET_SENT, MessageState.SENT}:
        states.append(_FINAL[final.status])
    if not states:
        return None
    failed = states[-1] is MessageState.FAILED
    return Passed(
        message=message,
        notify_id=receipts[0].notify_id,
        states=states,
        reason=final.status if final and failed else None,
    )
