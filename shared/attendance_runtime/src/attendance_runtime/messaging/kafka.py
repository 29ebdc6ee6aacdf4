"""Kafka clients built from the settings: addresses, TLS and SASL are passed through unchanged."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context
from aiokafka.structs import TopicPartition

from attendance_contracts.events import EVENTS
from attendance_contracts.topics import Topic
from attendance_runtime.messaging.budgets import ConsumerSettings
from attendance_runtime.messaging.deliveries import read_record
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.settings import KafkaSettings

# A batch of one partition travels whole; the brokers' own limit is 1 MiB a batch.
MAX_BATCH_BYTES: Final = 950_000

_CLOSE_SECONDS = 3.0
_ANSWER_SECONDS = 1.0
_LOOK_MS = 500


def connection_options(settings: KafkaSettings) -> dict[str, Any]:
    """Return what every client is told about reaching the brokers (values of several types)."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = create_ssl_context(cafile=settings.ssl_cafile)
    if settings.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.sasl_mechanism or "PLAIN"
        options["sasl_plain_username"] = settings.sasl_username
        if settings.sasl_password is not None:
            options["sasl_plain_password"] = settings.sasl_password.get_secret_value()
    return options


def make_producer(settings: KafkaSettings, *, client_id: str) -> AIOKafkaProducer:
    """Build a producer whose retries cannot repeat or reorder within its own lifetime."""
    return AIOKafkaProducer(
        **connection_options(settings),
        client_id=client_id,
        acks="all",
        enable_idempotence=True,
        max_batch_size=MAX_BATCH_BYTES,
    )


def make_consumer(
    kafka_settings: KafkaSettings, *, group: str, settings: ConsumerSettings
) -> AIOKafkaConsumer:
    """Build a consumer that leaves every decision about offsets to us."""
    session_ms = int(settings.session_timeout_seconds * 1000)
    return AIOKafkaConsumer(
        **connection_options(kafka_settings),
        group_id=group,
        client_id=group,
        enable_auto_commit=False,  # offsets live with the results, in PostgreSQL
        auto_offset_reset="none",  # any other policy skips or repeats without a word
        session_timeout_ms=session_ms,
        rebalance_timeout_ms=session_ms,
        heartbeat_interval_ms=500,  # also how soon a leaving member is noticed
        max_poll_interval_ms=60_000,
        fetch_max_wait_ms=settings.fetch_wait_ms,
    )


@asynccontextmanager
async def reading(settings: KafkaSettings) -> AsyncIterator[AIOKafkaConsumer]:
    """Open a client that belongs to no group: it looks at topics and moves nobody's place."""
    client = AIOKafkaConsumer(
        **connection_options(settings), enable_auto_commit=False, auto_offset_reset="none"
    )
    try:
        await client.start()
        yield client
    finally:
        await client.stop()


async def ends_of(client: AIOKafkaConsumer, topics: Iterable[str]) -> dict[Lane, int]:
    """Return where each lane of these topics ends now: the offset of what comes next."""
    await client._client.set_topics(topics)  # noqa: SLF001 - else it has not heard of their partitions
    lanes = [
        TopicPartition(topic, partition)
        for topic in topics
        for partition in client.partitions_for_topic(topic) or ()
    ]
    ends = await client.end_offsets(lanes)
    return {Lane(*lane): offset for lane, offset in sorted(ends.items())}


async def reread(settings: KafkaSettings, topic: Topic) -> AsyncIterator[object]:
    """Yield every event that a topic still holds, a partition's in their order; ends with the last.

    What cannot be read is passed over: it was so when it was new.
    """
    kinds = {kind.type for kind in EVENTS.values() if kind.topic == topic}
    async with reading(settings) as client:
        ends = {lane: end for lane, end in (await ends_of(client, [topic.name])).items() if end}
        if not ends:
            return
        client.assign([partition_of(lane) for lane in ends])
        await client.seek_to_beginning()
        while any([await client.position(partition_of(lane)) < end for lane, end in ends.items()]):
            for records in (await client.getmany(timeout_ms=_LOOK_MS)).values():
                for record in records:
                    event = read_record(record, kinds).event
                    if event is not None:
                        yield event


def partition_of(lane: Lane) -> TopicPartition:
    """Return a lane in the client's own type, which some of its calls insist on."""
    return TopicPartition(*lane)


async def cluster_id(settings: KafkaSettings) -> str:
    """Ask the brokers which cluster they are: offsets mean nothing in another one."""
    admin = AIOKafkaAdminClient(**connection_options(settings))
    try:
        await admin.start()
        described = await admin.describe_cluster()
        return str(described["cluster_id"])
    finally:
        await admin.close()


async def brokers_answer(settings: KafkaSettings) -> bool:
    """Tell whether the brokers answer now, within a second."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await cluster_id(settings)
    except (KafkaError, OSError, TimeoutError):
        return False
    return True


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group; a broker that is away must not hold up a shutdown."""
    try:
        await asyncio.wait_for(consumer.stop(), _CLOSE_SECONDS)
    except TimeoutError:
        await consumer._client.close()  # noqa: SLF001 - stop() waits for a broker, this does not


async def drop_producer(producer: AIOKafkaProducer) -> None:
    """Close a producer without sending what it still holds: the next one sends the whole claim."""
    task = producer._sender.sender_task  # noqa: SLF001 - stop() alone would flush, for ever if need be
    if task is not None:
        task.cancel()
    await producer.stop()
