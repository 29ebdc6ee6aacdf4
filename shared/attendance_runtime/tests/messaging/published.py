"""What is really on a topic, read past every consumer."""

from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from attendance_contracts.topics import Topic
from attendance_runtime.messaging import codec
from attendance_runtime.messaging.kafka import connection_options
from attendance_runtime.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class Published:
    """A record found on the topic."""

    partition: int
    offset: int
    sequence: int
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, record: Any) -> "Published":
        """Read aiokafka's record."""
        return cls(
            partition=record.partition,
            offset=record.offset,
            sequence=codec.open_envelope(record.headers).sequence,
            key=record.key.decode(),
            value=record.value,
            headers=tuple(record.headers),
        )


async def read_topic(settings: KafkaSettings, topic: Topic) -> list[Published]:
    """Read a whole topic, partition by partition, in offset order."""
    client = AIOKafkaConsumer(**connection_options(settings), enable_auto_commit=False)
    await client.start()
    try:
        lanes = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        client.assign(lanes)
        await client.seek_to_beginning(*lanes)
        ends = await client.end_offsets(lanes)
        read: list[Published] = []
        while [lane for lane in lanes if await client.position(lane) < ends[lane]]:
            for records in (await client.getmany(timeout_ms=200)).values():
                read += [Published.of(record) for record in records]
        return sorted(read, key=lambda found: (found.partition, found.offset))
    finally:
        await client.stop()
