"""Watching a consumer from beside: its lag for people, its progress for the liveness check.

The Kafka client notices when its group coordinator is gone, not when its fetching has died: then
nothing comes, nothing fails, and only the distance to the topics' ends tells. So the ends are asked
for directly, by a task of its own.
"""

import asyncio
import time
from collections import Counter as Counts
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from prometheus_client import Gauge

from attendance_runtime.messaging import kafka
from attendance_runtime.messaging.assignment import Assignment
from attendance_runtime.messaging.budgets import ConsumerSettings
from attendance_runtime.messaging.lanes import Lane

_log = structlog.get_logger()

_LAG: Final = Gauge("firstday_consumer_lag", "Events published and not yet applied", ["topic"])


class Watch:
    """Knows when a consumer last progressed or had nothing to do."""

    def __init__(self, settings: ConsumerSettings) -> None:
        self._settings = settings
        self._progressed_at = time.monotonic()

    def progressed(self) -> None:
        """A batch was stored, or there was none to store."""
        self._progressed_at = time.monotonic()

    def is_live(self) -> bool:
        """Tell whether events are being applied, or there are none."""
        return time.monotonic() - self._progressed_at < self._settings.stuck_seconds

    @asynccontextmanager
    async def over(self, client: AIOKafkaConsumer, assignment: Assignment) -> AsyncIterator[None]:
        """Watch a client for as long as it is in use."""
        task = asyncio.create_task(self._look_again_and_again(client, assignment))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _look_again_and_again(self, client: AIOKafkaConsumer, assignment: Assignment) -> None:
        while True:
            await asyncio.sleep(self._settings.look_every_seconds)
            try:
                async with asyncio.timeout(self._settings.look_every_seconds):
                    await self._look(client, dict(assignment.positions))
            except (KafkaError, TimeoutError, OSError):
                # No answer says nothing about our progress; a restart would not bring brokers back.
                self.progressed()

    async def _look(self, client: AIOKafkaConsumer, positions: dict[Lane, int]) -> None:
        """Measure how far the ends are, and tell Kafka's own tools where we stand."""
        for topic in client.subscription():
            if not client.partitions_for_topic(topic):
                # The client waits in silence for a topic that nobody has made.
                _log.error("consumer.topic_missing", topic=topic)
        if not positions:
            self.progressed()
            return
        at = {kafka.partition_of(lane): offset for lane, offset in positions.items()}
        ends = await client.end_offsets(list(at))
        lag: Counts[str] = Counts()
        for lane, offset in positions.items():
            lag[lane.topic] += max(0, ends[lane] - offset)
        for topic, events in lag.items():
            _LAG.labels(topic).set(events)
        if not lag.total():
            self.progressed()
        with suppress(KafkaError):  # normal in a rebalance
            await client.commit(at)  # for lag displays only: nobody ever reads from there
