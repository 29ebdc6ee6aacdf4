"""What the consumer's tests look at, and what they do to a topic behind its back."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.structs import TopicPartition
from prometheus_client import REGISTRY
from sqlalchemy import text

from attendance_runtime.messaging.kafka import connection_options

from .stage import (
    PARTITIONS,
    Stage,
    until,
)


async def next_offsets(stage: Stage) -> dict[int, int]:
    """Return the stored offset of each partition."""
    async with stage.database.transaction() as db:
        rows = await db.execute(text("SELECT partition, next_offset FROM consumer_offset"))
        return {row.partition: row.next_offset for row in rows}


def sample(name: str, **labels: str) -> float:
    """Return a metric's value."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def stored(stage: Stage, offset: int) -> bool:
    return (await next_offsets(stage)).get(0, 0) >= offset


async def has_effects(stage: Stage, count: int) -> bool:
    return await stage.count("effect") >= count


async def all_begun(stage: Stage) -> bool:
    return len(await next_offsets(stage)) == PARTITIONS


async def compacted(stage: Stage) -> bool:
    return len(await stage.published()) < 42


async def _admin(stage: Stage) -> AIOKafkaAdminClient:
    admin = AIOKafkaAdminClient(**connection_options(stage.kafka))
    await admin.start()
    return admin


async def cluster_of(stage: Stage) -> str:
    admin = await _admin(stage)
    try:
        return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()


async def delete_records_before(stage: Stage, offset: int) -> None:
    admin = await _admin(stage)
    lane = TopicPartition(stage.topic.name, 0)
    await admin.delete_records({lane: RecordsToDelete(before_offset=offset)})
    await admin.close()


async def delete_topic(stage: Stage) -> None:
    admin = await _admin(stage)
    await admin.delete_topics([stage.topic.name])
    await until(lambda: _is_gone(admin, stage.topic.name))
    await admin.close()


async def make_topic_anew(stage: Stage) -> None:
    await delete_topic(stage)
    admin = await _admin(stage)
    await admin.create_topics([NewTopic(stage.topic.name, PARTITIONS, 1)])
    await admin.close()


async def _is_gone(admin: AIOKafkaAdminClient, topic: str) -> bool:
    return topic not in await admin.list_topics()


async def committed_to_kafka(stage: Stage, offset: int) -> bool:
    admin = await _admin(stage)
    try:
        committed = await admin.list_consumer_group_offsets(stage.group)
    finally:
        await admin.close()
    found = committed.get(TopicPartition(stage.topic.name, 0))
    return found is not None and found.offset == offset
