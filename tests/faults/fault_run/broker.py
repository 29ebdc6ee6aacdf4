"""The broker away, slow or refusing; relays stopped in the gap; the same delivered again."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from attendance_contracts.topics import ABSENCES, REGISTERS, TOPICS, Topic
from attendance_runtime.messaging.topics import topic_settings
from fault_run.faults import fault
from fault_run.published import lanes, reader, records_between
from fault_run.stage import SERVICES, Stage, until
from fault_run.traps import trap

_AWAY_SECONDS: Final = 10.0
_STUTTER_SECONDS: Final = 8.0
_STORM_SECONDS: Final = 10.0
_REPLAYED_PER_LANE: Final = 30
_UNREADABLE: Final = "SELECT count(*) FROM dead_letter WHERE kind = 'unreadable' AND topic = $1"
_GAP: Final = "BEFORE DELETE ON outbox_claim FOR EACH STATEMENT"


@fault("broker", "the broker does not answer", short=True)
async def freeze_broker(stage: Stage) -> None:
    """Connections stay open and nothing comes back: harder to notice than a refusal."""
    with stage.frozen("kafka"):
        await asyncio.sleep(_AWAY_SECONDS / 2)
        await stage.says_ready(*(f"{service}-api" for service in SERVICES))
        await stage.says_unready(*(f"{service}-worker" for service in SERVICES))
        await asyncio.sleep(_AWAY_SECONDS / 2)
        stage.met("events that waited", await _waiting(stage))


async def _waiting(stage: Stage) -> int:
    async with stage.database("register") as database:
        return int(await database.fetchval(_STUCK))


_STUCK: Final = """
    SELECT count(*) FROM outbox WHERE created_at < clock_timestamp() - interval '3 seconds'
"""


@fault("broker", "the broker is slow")
async def slow_broker(stage: Stage) -> None:
    """It answers for a twentieth of a second in every third of one."""
    until_ = time.monotonic() + _STUTTER_SECONDS
    while time.monotonic() < until_:
        with stage.frozen("kafka"):
            await asyncio.sleep(0.3)
        await asyncio.sleep(0.05)


@fault("broker", "the broker refuses what is published")
async def refuse_produce(stage: Stage) -> None:
    """No topic takes a batch of more than one byte: MESSAGE_TOO_LARGE.

    Not by asking for more copies in step than there are: a broker asks for no more than it has.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.platform.stack.kafka.bootstrap_servers)
    try:
        await admin.start()
        await _alter(admin, TOPICS, {"max.message.bytes": "1"})
        await asyncio.sleep(_AWAY_SECONDS)
        stage.met("events that waited", await _waiting(stage))
    finally:
        await _alter(admin, TOPICS, {})
        await admin.close()


async def _alter(admin: AIOKafkaAdminClient, topics: Iterable[Topic], more: dict[str, str]) -> None:
    """Set topics' settings: those they are made with, and these."""
    await admin.alter_configs(
        [
            ConfigResource(
                ConfigResourceType.TOPIC, topic.name, topic_settings(topic, copies=1) | more
            )
            for topic in topics
        ]
    )


@fault("broker", "messages that are no events are on every partition", short=True)
async def poison(stage: Stage) -> None:
    """Each becomes a dead letter, and the stream goes on."""
    async with stage.database("notification") as database, _producer(stage) as producer:
        before = await database.fetchval(_UNREADABLE, ABSENCES.name)
        for lane in lanes():
            # A topic that keeps the newest of each key takes nothing without one.
            await producer.send_and_wait(lane.topic, b"\xffno event", b"?", lane.partition)

        async def set_aside() -> bool:
            after = await database.fetchval(_UNREADABLE, ABSENCES.name)
            return bool(after - before == ABSENCES.partitions)

        await until(set_aside)


@fault("broker", "a relay dies between acknowledgement and delete", short=True)
async def relay_dies_in_the_gap(stage: Stage) -> None:
    """What it published is published again under the same numbers, and applied once."""
    async with stage.database("register") as database, trap(database, _GAP, "PERFORM pg_sleep(5);"):
        owner = await stage.relay_owner("register")
        await _in_the_gap(stage)
        stage.kill(owner)


@fault("broker", "a relay freezes between acknowledgement and delete, and another takes over")
async def relay_freezes_in_the_gap(stage: Stage) -> None:
    """It wakes when everything it holds has been published and deleted by somebody else."""
    async with stage.database("register") as database, trap(database, _GAP, "PERFORM pg_sleep(5);"):
        owner = await stage.relay_owner("register")
        await _in_the_gap(stage)
        with stage.frozen(owner):

            async def taken_over() -> bool:
                return await stage.relay_owner("register") != owner

            await until(taken_over)


async def _in_the_gap(stage: Stage) -> None:
    async with stage.database("register") as database:

        async def waiting() -> bool:
            return bool(
                await database.fetchval(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' "
                    "AND application_name = 'outbox-relay' AND datname = current_database()"
                )
            )

        await until(waiting)


@fault("broker", "what was published is delivered again")
async def replay(stage: Stage) -> None:
    """The newest records of every partition come once more, at new offsets."""
    records = await _newest(stage, TOPICS)
    await _publish_again(stage, records)
    stage.met("records delivered again", len(records))


@fault("broker", "what was published is delivered again in another order")
async def replay_reordered(stage: Stage) -> None:
    """The newest records come backwards. Streams only: of a state the broker keeps the last."""
    records = await _newest(stage, [topic for topic in TOPICS if topic.cleanup == "delete"])
    await _publish_again(stage, records[::-1])
    stage.met("records delivered again", len(records))


async def _newest(stage: Stage, topics: Iterable[Topic]) -> list[ConsumerRecord]:
    names = {topic.name for topic in topics}
    async with reader(stage.platform) as kafka:
        every = await kafka.end_offsets(lanes())
        ends = {lane: end for lane, end in every.items() if lane.topic in names}
        begin = {lane: max(0, end - _REPLAYED_PER_LANE) for lane, end in ends.items()}
        return [record async for record in records_between(kafka, begin, ends)]


async def _publish_again(stage: Stage, records: Iterable[ConsumerRecord]) -> None:
    async with _producer(stage) as producer:
        sent = [
            await producer.send(
                record.topic,
                record.value,
                key=record.key,
                partition=record.partition,
                headers=list(record.headers),
            )
            for record in records
        ]
        await asyncio.gather(*sent)


def _producer(stage: Stage) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=stage.platform.stack.kafka.bootstrap_servers, linger_ms=1
    )


@fault("broker", "partitions change hands with every batch")
async def rebalance_storm(stage: Stage) -> None:
    """A stranger joins each consumer group and leaves it again, over and over."""
    over = time.monotonic() + _STORM_SECONDS
    groups = {
        "notification-service": ABSENCES,
        "escalation-service": REGISTERS,
        "reporting-service": REGISTERS,
    }
    joined = await asyncio.gather(
        *(_come_and_go(stage, group, topic, over) for group, topic in groups.items())
    )
    stage.met("times a stranger joined", sum(joined))


async def _come_and_go(stage: Stage, group: str, topic: Topic, over: float) -> int:
    times = 0
    while time.monotonic() < over:
        stranger = AIOKafkaConsumer(
            topic.name,
            bootstrap_servers=stage.platform.stack.kafka.bootstrap_servers,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            session_timeout_ms=6000,
            heartbeat_interval_ms=500,
        )
        with suppress(KafkaError):
            await stranger.start()
            await stranger.getmany(timeout_ms=100)
            times += 1
        await stranger.stop()
        await asyncio.sleep(0.1)
    return times
