"""What every provider does: take a message once, and say later whether it has it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from notification_service.messages.domain import Fate, Handover
from notification_service.recipients.domain import Channel


class ProviderAway(Exception):
    """The provider could not be asked."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a provider has under a reference of ours; `id` is its own."""

    id: UUID


class Provider(Protocol):
    """Whoever carries messages to people.

    Attributes:
        room: whoever calls enters here first and waits outside: once inside, the call is made at
            once, so a lease that was checked inside still holds.
        timeout_seconds: how long a call may take.
    """

    room: asyncio.Semaphore
    timeout_seconds: float

    @property
    def slow_seconds(self) -> float:
        """How long to hold back, in real seconds: it said that we are too fast."""
        ...

    async def send(self, handover: Handover) -> Fate:
        """Hand a message over once, and say what became of it."""
        ...

    async def find(self, reference: UUID) -> Known | None:
        """Return what was sent under a reference; None if it certainly has nothing.

        Raises `ProviderAway` when it cannot say.
        """
        ...


@dataclass(frozen=True, slots=True)
class Providers:
    """Who carries what, by the channel."""

    by_channel: Mapping[Channel, Provider]

    def of(self, channel: Channel) -> Provider:
        """Return who carries messages of a channel."""
        return self.by_channel[channel]

    @property
    def slow_seconds(self) -> float:
        """How long to hold everything back: the longest that any of them asks for."""
        return max(provider.slow_seconds for provider in self.by_channel.values())
