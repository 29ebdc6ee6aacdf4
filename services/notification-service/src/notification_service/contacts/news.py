"""What became of messages, as it is told: one event for all of a school's day that fared alike."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from attendance_contracts.events import ContactDelivered, ContactFailed, ContactSent
from notification_service.contacts.domain import Kind, MessageState
from notification_service.contacts.facts import Episode
from notification_service.sending.messages import Channel

ContactNews: TypeAlias = ContactSent | ContactDelivered | ContactFailed


class Reached(NamedTuple):
    """A message has come to this state."""

    state: MessageState
    message_id: UUID
    kind: Kind
    channel: Channel
    episode: Episode


# In the order in which a message comes to them: receipts may bring it from one to the next at once.
_EVENTS: Final[Mapping[MessageState, type[ContactNews]]] = {
    MessageState.SENT: ContactSent,
    MessageState.DELIVERED: ContactDelivered,
    MessageState.FAILED: ContactFailed,
}


def news_of(reached: Iterable[Reached], *, now: datetime) -> list[ContactNews]:
    """Put the states that messages have come to into events; of other states nothing is told."""
    alike: dict[tuple[UUID, date, Kind, Channel, MessageState], list[Reached]] = {}
    for one in reached:
        alike.setdefault(
            (one.episode.school_id, one.episode.date, one.kind, one.channel, one.state), []
        ).append(one)
    return [
        event(
            school_id=school_id,
            date=day,
            kind=kind.value,
            channel=channel.value,
            recorded_at=now,
            messages=tuple(one.message_id for one in ones),
            enrolments=tuple(one.episode.enrolment_id for one in ones),
            children=tuple(one.episode.child_id for one in ones),
        )
        for told, event in _EVENTS.items()
        for (school_id, day, kind, channel, state), ones in alike.items()
        if state is told
    ]
