"""Waits until the platform has come to rest: outboxes empty, events applied, messages handed over.

Only the waiting looks into the services' databases; what is proved afterwards comes from outside.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from attendance_runtime.database_url import driver_options
from attendance_runtime.messaging.kafka import connection_options
from attendance_runtime.settings import KafkaSettings
from attendance_testing.platform import Platform

PATIENCE_SECONDS: Final = 90.0
_LOOK_AGAIN_SECONDS: Final = 0.05
_QUIET_LOOKS: Final = 2
"""So many looks in a row must find nothing: an event may be between an outbox and its topic."""
_IN_HAND: Final = """
    SELECT count(*) FROM messages
    WHERE state = 'sending' OR (state = 'due' AND due_at <= $1)
"""
_ACCEPTED_AND_UNDER_WAY: Final = ("created", "sending", "pending")


class NotDrained(Exception):
    """The platform did not come to rest in time; the sentence says what is left."""


@dataclass
class Drain:
    """Looks at what is still under way in a stack; open it with `async with`."""

    platform: Platform

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            self._databases = {
                name: await _connected(opening, service.database_url)
                for name, service in self.platform.stack.services.items()
                if service.worker
            }
            bootstrap = self.platform.stack.kafka.bootstrap_servers
            options = connection_options(KafkaSettings(bootstrap_servers=bootstrap))
            self._kafka = AIOKafkaConsumer(**options)
            opening.push_async_callback(self._kafka.stop)
            await self._kafka.start()
            self._opened = opening.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._opened.aclose()

    async def wait(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Return when nothing is under way; raise `NotDrained` if that takes too long."""
        give_up = time.monotonic() + seconds
        quiet = 0
        while quiet < _QUIET_LOOKS:
            left = await self.under_way()
            quiet = 0 if left else quiet + 1
            if left and time.monotonic() > give_up:
                raise NotDrained(f"After {seconds:.0f} s there are still {', '.join(left)}.")
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def under_way(self) -> list[str]:
        """Say what is still under way, a phrase each."""
        left: list[str] = []
        for name, database in self._databases.items():
            rows = await database.fetchval("SELECT count(*) FROM outbox")
            behind = await self._behind(database)
            left += [f"{rows} events in the outbox of {name}-service"] if rows else []
            left += [f"{behind} events that {name}-service has not applied"] if behind else []
        return left + await self._messages()

    async def _behind(self, database: asyncpg.Connection) -> int:
        """Count the events on a service's topics that it has not applied."""
        stored = await database.fetch("SELECT topic, partition, next_offset FROM consumer_offset")
        at = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in stored}
        if not at:
            return 0
        ends = await self._kafka.end_offsets(list(at))
        return sum(max(0, ends[partition] - offset) for partition, offset in at.items())

    async def _messages(self) -> list[str]:
        now = self.platform.clock.now()
        in_hand = await self._databases["notification"].fetchval(_IN_HAND, now)
        answer = await self.platform.http.get(f"{self.platform.stack.sandbox.url}/sandbox/counts")
        counts = answer.raise_for_status().json()
        status = counts["status"]
        unsettled = sum(status.get(name, 0) for name in _ACCEPTED_AND_UNDER_WAY)
        left = [f"{in_hand} messages to be handed over"] if in_hand else []
        return left + ([f"{unsettled} messages to be delivered"] if unsettled else [])


async def _connected(opening: AsyncExitStack, url: str) -> asyncpg.Connection:
    """Connect, and close with the rest."""
    connection: asyncpg.Connection = await asyncpg.connect(**driver_options(url))
    opening.push_async_callback(connection.close)
    return connection
