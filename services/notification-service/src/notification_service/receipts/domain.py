"""What a delivery receipt says about a message, whenever and however often it comes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from notification_service.messages.domain import NOT_YET_SENT, MessageNews, MessageState
from notification_service.providers.notify.receipts import FINAL
from notification_service.recipients.domain import Channel


@dataclass(frozen=True, slots=True)
class NewReceipt:
    """A receipt as it comes: the provider's id of what we sent under a reference, its status."""

    reference: UUID
    provider_id: UUID
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
    provider_id: UUID
    status: str


class SpokenOf(NamedTuple):
    """What a reference was used for: a kind of message, about an episode of a school."""

    kind: str
    episode_id: UUID
    school_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipted:
    """A message of which a receipt speaks, its row locked."""

    id: UUID
    episode_id: UUID
    reference: UUID
    kind: str
    channel: Channel
    state: MessageState


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How far a message has come by its receipts; `states` are those it newly passed."""

    message: Receipted
    provider_id: UUID
    states: Sequence[MessageState]
    reason: str | None

    @property
    def state(self) -> MessageState:
        """How far it has come."""
        return self.states[-1]

    @property
    def news(self) -> Iterator[MessageNews]:
        """What its subject hears of it: every state that it newly passed."""
        for state in self.states:
            yield MessageNews(
                message_id=self.message.id,
                episode_id=self.message.episode_id,
                kind=self.message.kind,
                channel=self.message.channel,
                state=state,
                reason=self.reason,
            )


def states_passed(message: Receipted, receipts: Sequence[Receipt]) -> Passed | None:
    """Say how far a message has come by its receipts, in the order they came; None: no further.

    Any receipt proves that the provider accepted the message, even one that comes before our own
    call was answered. The first final status stands.
    """
    states: list[MessageState] = []
    if message.state in NOT_YET_SENT:
        states.append(MessageState.SENT)
    final = next((one for one in receipts if one.status in FINAL), None)
    if final and message.state in {*NOT_YET_SENT, MessageState.SENT}:
        states.append(FINAL[final.status])
    if not states:
        return None
    failed = states[-1] is MessageState.FAILED
    return Passed(
        message=message,
        provider_id=receipts[0].provider_id,
        states=states,
        reason=final.status if final and failed else None,
    )
