"""A small stage for the messaging tests: one topic, one event type, one use case, real parts.

The use case only ever appends a row, so that a second application shows as a second row: nothing
here is idempotent by itself, and exactly-once is the messaging's own doing.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import text

from attendance_contracts.events import EVENTS, TYPE_OF, event
from attendance_contracts.topics import Topic
from attendance_runtime.clock import SystemClock
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.messaging import codec, outbox
from attendance_runtime.messaging.consumer import Consumer, ConsumerSettings, Route
from attendance_runtime.messaging.kafka import connection_options
from attendance_runtime.messaging.relay import Relay, RelaySettings
from attendance_runtime.settings import KafkaSettings

from .published import Published, read_topic

PARTITIONS = 4
SUBJECTS = [UUID(int=number) for number in range(1, 9)]
NINE = datetime(2026, 9, 7, 9, tzinfo=UTC)
SOURCE = "urn:firstday:stage"

QUICK_RELAY = RelaySettings(
    claim_rows=50, ping_every=0.2, lost_after=1.0, try_lock_every=0.1, restart_pause=0.05
)
QUICK_CONSUMER = ConsumerSettings(
    poll_ms=20, fetch_wait_ms=20, retry_budget_seconds=30, look_every_seconds=0.5
)

# A worker's connections have time limits, or the consumer refuses them.
LIMITS = {
    "idle_in_transaction_session_timeout": "4s",
    "lock_timeout": "4s",
    "statement_timeout": "10s",
}

UseCase = Callable[..., Any]


@dataclass(slots=True)
class Stage:
    """What a test plays on."""

    database: Database
    kafka: KafkaSettings
    topic: Topic
    happened: Callable[..., Any]
    type: str
    group: str = field(default_factory=lambda: f"stage-{uuid4().hex[:8]}")

    @property
    def url(self) -> str:
        """The database's address, for connections with other settings."""
        return self.database.url

    def route(self, use_case: UseCase | None = None, **options: Any) -> Route:
        """Return the route of the stage's event to a use case, `append_effects` by default."""
        kind = EVENTS[self.type].cls
        return Route(events=(kind,), use_case=use_case or append_effects, **options)

    def events(self, numbers: Sequence[int], subject: UUID | None = None) -> list[object]:
        """Return numbered events, spread over the subjects unless one is named."""
        return [
            self.happened(
                subject_id=subject or SUBJECTS[number % len(SUBJECTS)],
                number=number,
                recorded_at=datetime(2026, 9, 7, 8, 50, tzinfo=UTC),
            )
            for number in numbers
        ]

    async def announce(self, numbers: Sequence[int], subject: UUID | None = None) -> None:
        """Store numbered events in the outbox, a transaction for each ten."""
        for start in range(0, len(numbers), 10):
            async with self.database.transaction() as db:
                events = self.events(numbers[start : start + 10], subject)
                await outbox.announce(db, events, now=NINE)

    async def put(
        self,
        sequences: Sequence[int],
        *,
        partition: int = 0,
        source: str = SOURCE,
        subject: UUID = SUBJECTS[0],
    ) -> None:
        """Put events straight on the topic; each carries its sequence as its number, too."""
        headers = [self.headers(sequence, source=source) for sequence in sequences]
        values = [
            codec.encode(made, now=NINE, traceparent=None).payload
            for made in self.events(sequences, subject)
        ]
        await self.put_raw(list(zip(headers, values, strict=True)), partition=partition)

    def headers(self, sequence: int, *, source: str = SOURCE) -> list[tuple[str, bytes]]:
        """Return the headers that a relay would give."""
        return codec.kafka_headers(
            {"ce_id": str(uuid4()), "ce_time": "2026-09-07T09:00:00Z"},
            type_=self.type,
            source=source,
            sequence=sequence,
            recorded_at=NINE,
        )

    async def put_raw(
        self,
        messages: Sequence[tuple[list[tuple[str, bytes]], bytes]],
        *,
        partition: int = 0,
        key: bytes = b"key",
    ) -> None:
        """Put messages straight on the topic."""
        producer = AIOKafkaProducer(**connection_options(self.kafka), enable_idempotence=True)
        await producer.start()
        try:
            for headers, value in messages:
                await producer.send_and_wait(
                    self.topic.name, value, key=key, partition=partition, headers=headers
                )
        finally:
            await producer.stop()

    def consumer(
        self,
        *routes: Route,
        settings: ConsumerSettings = QUICK_CONSUMER,
        database: Database | None = None,
        on_committed: Callable[[], None] | None = None,
    ) -> Consumer:
        """Build a consumer of the stage's group."""
        return Consumer(
            database or self.database,
            self.kafka,
            group=self.group,
            routes=routes or (self.route(),),
            clock=SystemClock(),
            settings=settings,
            on_committed=on_committed,
        )

    def relay(self, settings: RelaySettings = QUICK_RELAY) -> Relay:
        """Build a relay of the stage's database."""
        return Relay(self.database, self.kafka, "stage", settings=settings)

    async def effects(self) -> list[tuple[UUID, int]]:
        """Return what the use case stored, in the order of storing."""
        async with self.database.transaction() as db:
            rows = await db.execute(text("SELECT subject, number FROM effect ORDER BY id"))
            return [(row.subject, row.number) for row in rows]

    async def numbers(self) -> list[int]:
        """Return the numbers of the stored effects, in the order of storing."""
        return [number for _, number in await self.effects()]

    async def count(self, table: str) -> int:
        """Count a table's rows."""
        async with self.database.transaction() as db:
            rows = await db.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            return int(rows.scalar_one())

    async def published(self) -> list[Published]:
        """Read the whole topic, partition by partition, in offset order."""
        return await read_topic(self.kafka, self.topic)

    async def expect_exactly_once(self, count: int) -> None:
        """Wait for `count` effects, then check that none is doubled and each subject in order."""
        await until(lambda: self._has(count))
        await asyncio.sleep(0.2)  # a double would come now
        effects = await self.effects()
        assert Counter(number for _, number in effects) == Counter(range(count))
        for subject in SUBJECTS:
            own = [number for found, number in effects if found == subject]
            assert own == sorted(own)

    async def _has(self, count: int) -> bool:
        return await self.count("effect") >= count


async def append_effects(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
    """Store one row per event: doubled when applied twice."""
    del now
    await db.execute(
        text("""
            INSERT INTO effect (subject, number)
            SELECT * FROM unnest(CAST(:subjects AS uuid[]), CAST(:numbers AS int[]))
        """),
        {
            "subjects": [made.subject_id for made in events],
            "numbers": [made.number for made in events],
        },
    )


async def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    """Wait until a condition (a function or coroutine function) holds."""
    async with asyncio.timeout(seconds):
        while True:  # tables and topics have no event to await
            held = condition()
            if asyncio.iscoroutine(held):
                held = await held
            if held:
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(*parts: Relay | Consumer) -> AsyncIterator[list["asyncio.Task[None]"]]:
    """Run relays and consumers for the length of a block, then stop them gracefully."""
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(part.run(stopping)) for part in parts]
    try:
        yield tasks
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


def declare_happened(topic: Topic) -> tuple[str, type]:
    """Declare the stage's event on a topic; the type is named after it."""
    type_ = f"uk.firstday.{topic.name}.v1"

    @event(type_, topic=topic, key="subject_id")
    class Happened:
        subject_id: UUID
        number: int
        recorded_at: datetime

    return type_, Happened


@asynccontextmanager
async def open_stage(
    database: Database, bootstrap: str, cleanup: Literal["delete", "compact"] = "delete"
) -> AsyncIterator[Stage]:
    """Set a stage on a topic of its own, and clear it away afterwards."""
    name = f"stage.{uuid4().hex[:10]}"
    topic = Topic(name, cleanup, PARTITIONS)
    type_, happened = declare_happened(topic)
    kafka = KafkaSettings(bootstrap_servers=bootstrap)
    admin = AIOKafkaAdminClient(**connection_options(kafka))
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=_SMALL[cleanup])])
        yield Stage(database, kafka, topic, happened, type_)
        await admin.delete_topics([name])
    finally:
        await admin.close()
        del EVENTS[type_], TYPE_OF[happened]


# Compaction in a second instead of a day, so that a test can wait for it.
_SMALL = {
    "delete": {"cleanup.policy": "delete"},
    "compact": {
        "cleanup.policy": "compact",
        "min.cleanable.dirty.ratio": "0.001",
        "segment.ms": "100",
        "max.compaction.lag.ms": "100",
        "min.compaction.lag.ms": "0",
        "delete.retention.ms": "0",
    },
}
