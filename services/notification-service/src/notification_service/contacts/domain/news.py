"""What became of messages, as it is told: one event for all of a school's day that fared alike.

And whose family nobody could tell: that is the school's to know at once, so that somebody looks for
the child. Source: Working together to improve school attendance (August 2024), first-day contact.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple, TypeAlias, get_args, get_type_hints
from uuid import UUID

from attendance_contracts.events import (
    ContactDelivered,
    ContactExhausted,
    ContactFailed,
    ContactSent,
)
from notification_service.contacts.domain.facts import Episode
from notification_service.contacts.domain.purposes import Kind
from notification_service.contacts.domain.standing import passes_on
from notification_service.messages.domain import MessageNews, MessageState
from notification_service.recipients.domain import Channel

ContactNews: TypeAlias = ContactSent | ContactDelivered | ContactFailed
News: TypeAlias = ContactNews | ContactExhausted


class NewState(NamedTuple):
    """A message has come to this state; without a channel it was never anybody's.

    `reason`: why it failed, if it did; `at`: when, in domain time.
    """

    state: MessageState
    message_id: UUID
    kind: Kind
    channel: Channel | None
    episode: Episode
    at: datetime
    reason: str | None = None

    @classmethod
    def of(cls, news: MessageNews, episode: Episode, at: datetime) -> "NewState":
        """Say of which episode a message has come to a state."""
        return cls(
            state=news.state,
            message_id=news.message_id,
            kind=Kind(news.kind),
            channel=news.channel,
            episode=episode,
            at=at,
            reason=news.reason,
        )

    @property
    def exhausts(self) -> bool:
        """Whether nobody was told, and nobody is left, of an absence that still has no reason.

        Said once a round, unless somebody was told since: a search that is taken up again and
        finds nobody either is no news.
        """
        day = self.episode.date
        return (
            self.kind is Kind.FIRST
            and self.state is MessageState.FAILED
            and bool(self.episode.unexplained)
            and not passes_on(self.kind, self.reason, settled_at=self.at, day=day)
            and self.episode.exhausted_in != self.episode.round
        )

    @property
    def tells(self) -> bool:
        """Whether a family hears of an absence by it."""
        return self.kind is Kind.FIRST and self.state is MessageState.SENT


# In the order in which a message comes to them: receipts may bring it from one to the next at once.
_EVENTS: Final[Mapping[MessageState, type[ContactNews]]] = {
    MessageState.SENT: ContactSent,
    MessageState.DELIVERED: ContactDelivered,
    MessageState.FAILED: ContactFailed,
}


# Those that the contract names: a kind beside them is nobody else's to hear of, or to trip over.
_ANNOUNCED: Final = frozenset(get_args(get_type_hints(ContactSent)["kind"]))


def news_of(states: Sequence[NewState], *, now: datetime) -> list[News]:
    """Put what messages have come to into events, and whom nobody could tell; else nothing."""
    return [*_fates(states, now), *_exhausted(states, now)]


def exhausted_in(states: Sequence[NewState]) -> dict[UUID, int | None]:
    """Return in which round it is said now that nobody is left; None where somebody was told.

    By episode, those alone of which it is to be noted.
    """
    told = {one.episode.id: None for one in states if one.tells and one.episode.exhausted_in}
    return told | {one.episode.id: one.episode.round for one in states if one.exhausts}


def _fates(states: Iterable[NewState], now: datetime) -> Iterator[ContactNews]:
    alike: dict[tuple[UUID, date, Kind, Channel, MessageState], list[NewState]] = {}
    for one in states:
        if one.channel is not None and one.kind in _ANNOUNCED:
            alike.setdefault(
                (one.episode.school_id, one.episode.date, one.kind, one.channel, one.state), []
            ).append(one)
    for told, event in _EVENTS.items():
        for (school_id, day, kind, channel, state), ones in alike.items():
            if state is told:
                yield event(
                    school_id=school_id,
                    date=day,
                    kind=kind.value,
                    channel=channel.value,
                    recorded_at=now,
                    messages=tuple(one.message_id for one in ones),
                    enrolments=tuple(one.episode.enrolment_id for one in ones),
                    children=tuple(one.episode.child_id for one in ones),
                )


def _exhausted(states: Iterable[NewState], now: datetime) -> Iterator[ContactExhausted]:
    days: dict[tuple[UUID, date], list[Episode]] = {}
    for one in states:
        if one.exhausts:
            days.setdefault((one.episode.school_id, one.episode.date), []).append(one.episode)
    for (school_id, day), episodes in days.items():
        yield ContactExhausted(
            school_id=school_id,
            date=day,
            recorded_at=now,
            enrolments=tuple(episode.enrolment_id for episode in episodes),
            children=tuple(episode.child_id for episode in episodes),
        )
