"""The relay: publishes a service's outbox to Kafka, in order, and deletes what was acknowledged.

One relay of a service is active at a time. It may publish a row twice (it dies between the
acknowledgement and the delete, or wakes from a freeze after another took over) but always under the
sequence that the row's claim fixed, so that a consumer recognises the second copy.

| rule | the fault it prevents |
|---|---|
| the lock is held by the connection that writes | two relays that both believe they are active |
| PostgreSQL ends a silent session, we ping each second | a frozen relay that keeps the lock |
| sequences are stored with the claim, before sending | a resent row under another number |
| a failed claim is sent again whole by a new producer | a row published out of its order |
| a lane's batch waits for the one before it | a later number on the topic before an earlier one |
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import structlog
from aiokafka import AIOKafkaProducer
from prometheus_client import Counter, Gauge

from attendance_runtime.database import Database
from attendance_runtime.messaging import kafka
from attendance_runtime.messaging.claims import Claim, LockConnection, lock_connection
from attendance_runtime.messaging.publishing import publish
from attendance_runtime.settings import KafkaSettings
from attendance_runtime.trouble import describe

_log = structlog.get_logger()

_PUBLISHED: Final = Counter("firstday_relay_published", "Events acknowledged by the brokers")
_FAILURES: Final = Counter("firstday_relay_failures", "Times the relay had to start again")
_ACTIVE: Final = Gauge("firstday_relay_active", "1 in the process whose relay publishes")
_DEPTH: Final = Gauge("firstday_outbox_rows", "Events waiting in the outbox")
_OLDEST: Final = Gauge("firstday_outbox_oldest_seconds", "Age of the oldest event in the outbox")


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """The relay's budgets, in seconds unless the name says otherwise."""

    claim_rows: int = 1000
    ping_every: float = 1.0
    lost_after: float = 4.0
    """Silence after which PostgreSQL ends the lock's session; another relay then takes over."""
    try_lock_every: float = 0.5
    gather: float = 0.02
    idle_pause_first: float = 0.005
    idle_pause_last: float = 0.1
    """An idle relay polls, each time after twice the pause: NOTIFY would serialise commits."""
    publish_within: float = 60.0
    restart_pause: float = 0.5
    measure_every: float = 5.0


class Relay:
    """Publishes the outbox of one service's database.

    Args:
        database: the service's own; the lock takes one connection beside its pool.
        kafka_settings: how to reach the brokers.
        service: its name; events carry the source `urn:firstday:<service>`.
        settings: budgets, shorter ones for tests.
    """

    def __init__(
        self,
        database: Database,
        kafka_settings: KafkaSettings,
        service: str,
        *,
        settings: RelaySettings | None = None,
    ) -> None:
        self._database = database
        self._kafka = kafka_settings
        self._service = service
        self._source = f"urn:firstday:{service}"
        self._settings = settings or RelaySettings()
        self._measured_at = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Publish until told to stop; the claim in hand is finished first."""
        while not stopping.is_set():
            try:
                await self._serve(stopping)
            except Exception as error:  # noqa: BLE001 - whatever failed, the claim is sent again
                _FAILURES.inc()
                _log.warning("relay.restarting", error=describe(error))
                await _sleep(self._settings.restart_pause, stopping)

    async def _serve(self, stopping: asyncio.Event) -> None:
        """Wait for the lock, then publish until stopped or until anything fails."""
        lost_after = self._settings.lost_after
        async with lock_connection(self._database, lost_after_seconds=lost_after) as lock:
            await self._measure(lock)
            while not await lock.try_lock():
                await _sleep(self._settings.try_lock_every, stopping)
                if stopping.is_set():
                    return
            _log.info("relay.active")
            async with self._producer() as producer:
                with _ACTIVE.track_inprogress():
                    await self._publish_claims(lock, producer, stopping)

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        """Open a producer for one term of office.

        A failure drops it with all it holds: had it gone on by itself, it could have sent the end
        of a claim of which the beginning had failed.
        """
        producer = kafka.make_producer(self._kafka, client_id=f"{self._service}-relay")
        try:
            await producer.start()
            yield producer
        finally:
            await kafka.drop_producer(producer)

    async def _publish_claims(
        self, lock: LockConnection, producer: AIOKafkaProducer, stopping: asyncio.Event
    ) -> None:
        """Finish what a predecessor left; then claim, publish and delete while all goes well."""
        pause = self._settings.idle_pause_first
        claim = await lock.pending_claim()
        while not stopping.is_set():
            if claim is None and await lock.rows_wait():
                claim = await lock.take_claim(self._settings.claim_rows)
            if claim is None:
                await self._measure(lock)
                await _sleep(pause, stopping)
                pause = min(2 * pause, self._settings.idle_pause_last)
                continue
            await self._publish(lock, producer, claim)
            await lock.finish(claim)
            _PUBLISHED.inc(len(claim.rows))
            await self._measure(lock)
            pause = self._settings.idle_pause_first
            if len(claim.rows) < self._settings.claim_rows:
                # Rows gather for the next claim: three transactions cost the same for one of them.
                await asyncio.sleep(self._settings.gather)
            claim = None

    async def _publish(
        self, lock: LockConnection, producer: AIOKafkaProducer, claim: Claim
    ) -> None:
        """Send the whole claim and await every acknowledgement, pinging the lock meanwhile.

        A broker may take long; the lock must not be lost over it. A ping that fails ends the
        sending: somebody else has the lock by now.
        """
        sending = asyncio.create_task(publish(producer, claim, source=self._source))
        try:
            async with asyncio.timeout(self._settings.publish_within):
                while not sending.done():
                    await asyncio.wait({sending}, timeout=self._settings.ping_every)
                    if not sending.done():
                        await lock.ping()
            sending.result()
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await sending  # its failure is the caller's already, or its cancelling is ours

    async def _measure(self, lock: LockConnection) -> None:
        """Show what waits, also while no relay gets as far as publishing."""
        now = asyncio.get_running_loop().time()
        if now - self._measured_at < self._settings.measure_every:
            return
        self._measured_at = now
        depth = await lock.depth()
        _DEPTH.set(depth.rows)
        _OLDEST.set(depth.oldest_seconds)


async def _sleep(seconds: float, stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
