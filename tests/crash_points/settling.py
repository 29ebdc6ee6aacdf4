"""Knowing when everything that was said has had its effect: outboxes, offsets, messages drained.

Asked of the databases alone. The number that a producer's outbox gave last in each partition must
be the number that each consumer of the topic stored last.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import asyncpg

_LOOK_AGAIN_SECONDS: Final = 0.03
_QUIET_LOOKS: Final = 2
_CONSUMERS: Final = ("notification", "escalation", "reporting")
Lane = tuple[str, str, int]  # source, topic, partition


async def settle(databases: Mapping[str, asyncpg.Connection], *, within_seconds: float) -> None:
    """Wait until nothing is on its way; raise `TimeoutError` with what still is.

    Two looks in a row must find nothing: the databases are asked one after the other, and an event
    may be applied between the look at what its consumer announces and the look at what it applied.
    """
    left: list[str] = []
    quiet = 0
    try:
        async with asyncio.timeout(within_seconds):
            while quiet < _QUIET_LOOKS:
                left = await on_its_way(databases)
                quiet = 0 if left else quiet + 1
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except TimeoutError:
        raise TimeoutError(f"not settled in {within_seconds:.0f} s: {'; '.join(left)}") from None


async def on_its_way(databases: Mapping[str, asyncpg.Connection]) -> list[str]:
    """Say what has not had its effect yet."""
    left = []
    published: dict[Lane, int] = {}
    for name, database in databases.items():
        waiting = await database.fetchval(_WAITING)
        left += [f"{waiting} rows in {name}'s outbox"] * bool(waiting)
        for topic, partition, last in await database.fetch(_PUBLISHED):
            published[f"urn:firstday:{name}-service", topic, partition] = last
    for name in _CONSUMERS:
        behind = await _behind(databases[name], published)
        left += [f"{name} is {behind} events behind"] * bool(behind)
    in_hand = await databases["notification"].fetchval(_IN_HAND)
    left += [f"{in_hand} messages are in hand"] * bool(in_hand)
    return left


async def _behind(database: asyncpg.Connection, published: Mapping[Lane, int]) -> int:
    topics = {row["topic"] for row in await database.fetch(_TOPICS)}
    applied = {(row[0], row[1], row[2]): row[3] for row in await database.fetch(_APPLIED)}
    lanes = [lane for lane in published if lane[1] in topics]
    if not topics:
        return 1  # it has not begun to read
    return sum(published[lane] - applied.get(lane, 0) for lane in lanes)


_WAITING: Final = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM outbox_claim)"
_PUBLISHED: Final = "SELECT topic, partition, last FROM outbox_sequence"
_TOPICS: Final = "SELECT DISTINCT topic FROM consumer_offset"
_APPLIED: Final = "SELECT source, topic, partition, sequence FROM consumer_sequence"
_IN_HAND: Final = "SELECT count(*) FROM messages WHERE state IN ('due', 'sending')"
