"""Copies of what another service says: of two versions the newer counts, however late the older."""

from collections.abc import Callable, Hashable, Iterable
from operator import attrgetter
from typing import Protocol, TypeVar


class Versioned(Protocol):
    """An event that tells the whole state of something, numbered by its owner."""

    @property
    def version(self) -> int:
        """Higher with every change."""


E = TypeVar("E", bound=Versioned)
K = TypeVar("K", bound=Hashable)


def newest(events: Iterable[E], key: Callable[[E], K]) -> dict[K, E]:
    """Return, of each thing that events tell of, the event with its highest version."""
    return {key(event): event for event in sorted(events, key=attrgetter("version"))}
