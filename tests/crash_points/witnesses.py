"""What the other side saw: statements, records and messages, counted where they arrive.

A library that found a way past the doors would show here, as a difference.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition
from armed import Armed
from stand import Stand

from attendance_contracts.topics import TOPICS

_EXECUTED: Final = re.compile(
    rb"^\S+ \S+ \S+ \[\d+\] (\w+) LOG:  (?:statement|execute [^:]+): ", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Counts of the other side: statements by service, records of all topics, messages.

    A message that the provider refuses has arrived.
    """

    statements: Mapping[str, int]
    records: int
    messages: int


async def log_statements(stand: Stand, *, on: bool) -> None:
    """Let PostgreSQL log every statement of connections opened from now on, or none."""
    for name, database in stand.databases.items():
        change = "SET log_statement = 'all'" if on else "RESET log_statement"
        await database.execute(f'ALTER DATABASE "{name}" {change}')


async def look(stand: Stand) -> Seen:
    """Count what has arrived by now."""
    log = Path(stand.document["folder"]) / "logs" / "postgres.log"
    statements = Counter(name.decode() for name in _EXECUTED.findall(log.read_bytes()))
    lanes = [
        TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)
    ]
    async with AIOKafkaConsumer(bootstrap_servers=stand.addresses.kafka_bootstrap) as consumer:
        records = sum((await consumer.end_offsets(lanes)).values())
    async with httpx.AsyncClient() as http:
        counts = await http.get(f"{stand.addresses.sandbox_url}/sandbox/counts")
    arrived = counts.raise_for_status().json()
    return Seen(statements, records, arrived["messages"] + arrived["refused"])


def differences(before: Seen, after: Seen, processes: Iterable[Armed]) -> list[str]:
    """Compare what left the processes with what arrived meanwhile."""
    left: Counter[str] = Counter()
    for process in processes:
        counts = process.counts()
        left[process.service] += counts.pop("statements")
        left.update(counts)
    arrived = {
        name: after.statements[name] - before.statements.get(name, 0) for name in after.statements
    } | {"records": after.records - before.records, "messages": after.messages - before.messages}
    return [
        f"{what}: {left[what]} left, {arrived.get(what, 0)} arrived"
        for what in sorted(left.keys() | arrived.keys())
        if left[what] != arrived.get(what, 0)
    ]
