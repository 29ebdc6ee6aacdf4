"""What was published since a moment: dense sequences, and no fact announced under two numbers."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from attendance_contracts.topics import TOPICS
from attendance_runtime.messaging.kafka import connection_options
from attendance_runtime.settings import KafkaSettings
from attendance_testing.platform import Platform
from fault_run.findings import Findings

Offsets = Mapping[TopicPartition, int]

# What makes two announcements of a type the same fact; of a column each value is one. Marks,
# absences and settings may say the same again: what follows from them is compared where it ends.
_ONCE: Final[Mapping[str, tuple[str, ...]]] = {
    "uk.firstday.register.missing.v1": ("school_id", "date", "session"),
    "uk.firstday.contact.sent.v1": ("messages",),
    "uk.firstday.contact.delivered.v1": ("messages",),
    "uk.firstday.contact.failed.v1": ("messages",),
    "uk.firstday.case.opened.v1": ("case_id",),
    "uk.firstday.case.closed.v1": ("case_id",),
}


@dataclass
class Published:
    """Numbers and facts seen so far, over the whole run.

    Attributes:
        last: the newest number by topic, partition and source.
        facts: how often each fact was announced under a number of its own.
        second_copies: records published again under the same number, which consumers pass over.
    """

    last: dict[tuple[str, int, bytes], int] = field(default_factory=dict)
    facts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    reached: dict[TopicPartition, int] = field(default_factory=dict)
    second_copies: int = 0

    async def begin(self, platform: Platform) -> None:
        """Begin after everything published so far."""
        async with reader(platform) as kafka:
            self.reached = dict(await kafka.end_offsets(lanes()))

    async def read_on(self, platform: Platform, findings: Findings) -> None:
        """Read what was published since the last look."""
        async with reader(platform) as kafka:
            ends = await kafka.end_offsets(lanes())
            async for record in records_between(kafka, self.reached, ends):
                self._take(record, findings)
        self.reached = dict(ends)
        findings.compared["facts announced"] = len(self.facts)

    def _take(self, record: ConsumerRecord, findings: Findings) -> None:
        headers = dict(record.headers)
        if "ce_sequence" not in headers or record.value is None:
            return  # no event of ours: a poison message
        place = (record.topic, record.partition, headers["ce_source"])
        number, last = int(headers["ce_sequence"]), self.last.get(place)
        if last is not None and number <= last:
            self.second_copies += 1
            return
        if last is not None and number != last + 1:
            findings.lose(f"{record.topic}: number {last + 1} of a partition was not published.")
        self.last[place] = number
        self._count(headers["ce_type"].decode(), record.value, findings)

    def _count(self, type_: str, value: bytes, findings: Findings) -> None:
        if type_ not in _ONCE:
            return
        event: dict[str, Any] = msgspec.json.decode(value)
        said = [event[name] for name in _ONCE[type_]]
        for row in product(*(one if isinstance(one, list) else [one] for one in said)):
            fact = (type_, *row)
            self.facts[fact] += 1
            if self.facts[fact] > 1:
                findings.repeat(f"{type_} of {' '.join(row)} was announced again.")


@asynccontextmanager
async def reader(platform: Platform) -> AsyncIterator[AIOKafkaConsumer]:
    """Open a consumer of no group: it reads beside the services and disturbs none."""
    settings = KafkaSettings(bootstrap_servers=platform.stack.kafka.bootstrap_servers)
    kafka = AIOKafkaConsumer(**connection_options(settings), auto_offset_reset="none")
    try:
        await kafka.start()
        yield kafka
    finally:
        await kafka.stop()


async def records_between(
    kafka: AIOKafkaConsumer, begin: Offsets, ends: Offsets
) -> AsyncIterator[ConsumerRecord]:
    """Yield every record from one set of offsets up to another, lane by lane."""
    left = {lane: end for lane, end in ends.items() if begin.get(lane, 0) < end}
    kafka.assign(list(left))
    for lane in left:
        kafka.seek(lane, begin.get(lane, 0))
    while left:
        for lane, records in (await kafka.getmany(timeout_ms=500)).items():
            for record in records:
                if record.offset < ends[lane]:
                    yield record
        for lane in list(left):
            if await kafka.position(lane) >= left[lane]:
                del left[lane]


def lanes() -> list[TopicPartition]:
    """Return every partition of the platform's topics."""
    return [
        TopicPartition(topic.name, partition)
        for topic in TOPICS
        for partition in range(topic.partitions)
    ]
