"""A purpose: a kind of message, with what follows for its subject when one is settled."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from attendance_runtime.database import SqlSession
from notification_service.messages.domain import MessageNews, Rules


class Locked(Protocol):
    """What messages are about, locked until the transaction ends."""

    @property
    def versions(self) -> Mapping[UUID, int]:
        """How often something was heard of each, by its id."""
        ...

    async def follow(
        self,
        db: SqlSession,
        news: Sequence[MessageNews],
        *,
        now: datetime,
        waiting: Collection[UUID] = (),
    ) -> None:
        """Decide what follows from what became of messages, and announce it.

        Of those in `waiting` nothing is decided: the register is ahead of what has been heard of
        them, and its next event decides.
        """
        ...


Follows: TypeAlias = Callable[[SqlSession, Mapping[UUID, UUID]], Awaitable[Locked]]
"""Locks what messages are about, each given with its school, before the messages themselves."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """A kind of message: all that the sender and the receipts know of it."""

    rules: Rules
    follows: Follows
