"""Which kinds of message there are: the whole list, by the names under which messages are kept."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from notification_service.contacts import use_cases as contacts
from notification_service.messages.domain import Rules
from notification_service.messages.use_cases import Follows, Purpose

PURPOSES: Final[Mapping[str, Purpose]] = {
    purpose.rules.kind: purpose for purpose in contacts.PURPOSES
}


class OfAKind(Protocol):
    """A message, or what is known of one: its kind, and what it is about."""

    @property
    def kind(self) -> str:
        """The name of its purpose."""
        ...

    @property
    def episode_id(self) -> UUID:
        """What it is about."""
        ...

    @property
    def school_id(self) -> UUID:
        """Whose that is."""
        ...


def rules_of(message: OfAKind) -> Rules:
    """Return the rules of a message's kind."""
    return PURPOSES[message.kind].rules


@dataclass(frozen=True, slots=True)
class OfASubject:
    """What messages of one subject are about, each with its school."""

    follows: Follows
    kinds: Collection[str]
    about: Mapping[UUID, UUID]


def by_subject(messages: Iterable[OfAKind]) -> Iterator[OfASubject]:
    """Put messages together for whom it is to say what follows when they are settled."""
    together: dict[Follows, list[OfAKind]] = {}
    for message in messages:
        together.setdefault(PURPOSES[message.kind].follows, []).append(message)
    for follows, own in together.items():
        kinds = {message.kind for message in own}
        yield OfASubject(follows, kinds, {one.episode_id: one.school_id for one in own})
