"""Everywhere that a value of a person's must not be: read whole, as bytes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from attendance_contracts.topics import TOPICS

# In the register, which holds people, only what leaves it or explains its faults is searched.
PASSING_THROUGH = ("outbox", "dead_letter", "consumer_offset", "timer", "reach", "access_log")


async def records(bootstrap_servers: str) -> AsyncIterator[tuple[str, bytes]]:
    """Yield every record on every topic: its place, then key, headers and value together."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers, group_id=None, client_id=f"search-{uuid4()}"
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(t.name, n) for t in TOPICS for n in range(t.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(place) < ends[place] for place in partitions]):
            for place, batch in (await consumer.getmany(timeout_ms=500)).items():
                for record in batch:
                    headers = b"".join(name.encode() + value for name, value in record.headers)
                    content = (record.key or b"") + headers + (record.value or b"")
                    yield f"{place.topic}/{place.partition}@{record.offset}", content
    finally:
        await consumer.stop()


async def rows(database_url: str, tables: tuple[str, ...] = ()) -> AsyncIterator[tuple[str, bytes]]:
    """Yield every row of a database's tables, or of those whose names begin with one of these."""
    connection = await asyncpg.connect(database_url)
    try:
        named = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace"
        )
        for (table,) in named:
            if tables and not table.startswith(tables):
                continue
            for (row,) in await connection.fetch(f'SELECT t::text FROM "{table}" AS t'):  # noqa: S608
                yield table, row.encode()
    finally:
        await connection.close()


def logs(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every log file of a stack."""
    for path in sorted((folder / "logs").glob("*.log")):
        yield path.name, path.read_bytes()


async def metrics(services: dict[str, Any]) -> AsyncIterator[tuple[str, bytes]]:
    """Yield what every process says of itself."""
    urls = [url for service in services.values() for url in (*service.api, *service.worker)]
    async with httpx.AsyncClient(timeout=30) as http:
        answers = await asyncio.gather(*(http.get(f"{url}/metrics") for url in urls))
    for url, answer in zip(urls, answers, strict=True):
        yield f"{url}/metrics", answer.raise_for_status().content
