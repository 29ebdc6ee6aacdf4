"""Sending one claim: a batch per lane at a time, so that no number overtakes an earlier one."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from attendance_runtime.messaging import codec
from attendance_runtime.messaging.claims import Claim, Outgoing
from attendance_runtime.messaging.lanes import Lane


async def publish(producer: AIOKafkaProducer, claim: Claim, *, source: str) -> None:
    """Send every row of a claim and return when all are acknowledged.

    Raises:
        ExceptionGroup: some lane failed; nothing is known about the others.
    """
    lanes: dict[Lane, list[Outgoing]] = defaultdict(list)
    for row in claim.outgoing:
        lanes[row.lane].append(row)
    async with asyncio.TaskGroup() as group:
        for lane, rows in lanes.items():
            group.create_task(_publish_lane(producer, lane, rows, source))


async def _publish_lane(
    producer: AIOKafkaProducer, lane: Lane, rows: Sequence[Outgoing], source: str
) -> None:
    """Send a lane's rows in batches that the broker takes whole or not at all.

    Each batch waits for the acknowledgement of the one before. Consumers of compacted topics take
    any number above their watermark, so a hole that is filled later would be a loss.
    """
    batch = producer.create_batch()
    for row in rows:
        if not _append(batch, row, source):
            await _send(producer, batch, lane)
            batch = producer.create_batch()
            _append(batch, row, source)  # the first record of a batch is never refused
    await _send(producer, batch, lane)


def _append(batch: BatchBuilder, row: Outgoing, source: str) -> bool:
    headers = codec.kafka_headers(
        row.headers,
        type_=row.type,
        source=source,
        sequence=row.sequence,
        recorded_at=row.recorded_at,
    )
    added = batch.append(
        timestamp=None, key=row.record_key.encode(), value=row.payload, headers=headers
    )
    return added is not None


async def _send(producer: AIOKafkaProducer, batch: BatchBuilder, lane: Lane) -> None:
    batch.close()
    acknowledged = await producer.send_batch(batch, lane.topic, partition=lane.partition)
    await acknowledged
