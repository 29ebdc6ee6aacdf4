"""What could not be applied: where it stood and what went wrong, never what it said.

A letter is *unreadable* (no version of this code can decode it) or *parked* (a bug of ours with
this one event). It is not replayed: by the time somebody looks, the old message may be out of date.
`resync` fetches the current state from the owner and applies that.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import structlog
from prometheus_client import Counter
from sqlalchemy import text

from attendance_runtime.database import Database, SqlSession
from attendance_runtime.messaging.deliveries import Delivery
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.trouble import describe

_log = structlog.get_logger()

WHOLE: Final = -1
"""The `part` of a letter about a whole event."""

_COUNTED: Final = Counter("firstday_dead_letters", "Events that could not be applied", ["kind"])


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A fault to note, with the coordinates of its message.

    Attributes:
        route: the use case that failed; empty for an unreadable message.
        part: which part of the split event failed, `WHOLE` for all of it.
        error: class and place of the fault, as `faults.describe` gives it.
    """

    delivery: Delivery
    kind: Literal["unreadable", "parked"]
    error: str
    route: str = ""
    part: int = WHOLE


@dataclass(frozen=True, slots=True)
class Letter:
    """An unresolved dead letter; `key` is the Kafka record key, the id of what is incomplete."""

    id: int
    lane: Lane
    offset: int
    route: str
    part: int
    type: str
    key: str
    kind: str
    error: str
    traceparent: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Resynced:
    """How many letters a resync resolved, and how many it could not."""

    resolved: int
    failed: int


Resync = Callable[[SqlSession, Letter], Awaitable[None]]
"""Fetches the current state of what a letter is about from its owner and applies it."""


async def store(db: SqlSession, group: str, letters: Sequence[NewLetter]) -> None:
    """Note faults in the transaction of the offsets; one met again later is opened anew."""
    if not letters:
        return
    rows = [_row(letter) for letter in letters]
    names = rows[0].keys()
    columns = {name: [row[name] for row in rows] for name in names}
    await db.execute(_STORE, {"group": group, **columns})


def report(group: str, letters: Sequence[NewLetter]) -> None:
    """Count and log letters once they are committed."""
    for letter in letters:
        _COUNTED.labels(letter.kind).inc()
        _log.error("consumer.dead_letter", group=group, **_row(letter))


async def unresolved(db: SqlSession, group: str, *, limit: int = 1000) -> list[Letter]:
    """Return the oldest unresolved letters of a consumer group."""
    rows = await db.execute(_UNRESOLVED, {"group": group, "limit": limit})
    return [
        Letter(
            id=row.id,
            lane=Lane(row.topic, row.partition),
            offset=row.offset,
            route=row.route,
            part=row.part,
            type=row.type,
            key=row.key,
            kind=row.kind,
            error=row.error,
            traceparent=row.traceparent,
            created_at=row.created_at,
        )
        for row in rows
    ]


async def incomplete_keys(db: SqlSession, keys: Collection[str]) -> set[str]:
    """Return which of these keys (schools, say) have something unapplied, for views to say so."""
    rows = await db.execute(_INCOMPLETE, {"keys": list(keys)})
    return set(rows.scalars())


async def resolve(db: SqlSession, letters: Collection[int]) -> None:
    """Mark letters as settled: the current state of what they were about has been applied."""
    await db.execute(_RESOLVE, {"ids": list(letters)})


async def resync_all(database: Database, group: str, resync: Resync) -> Resynced:
    """Settle every unresolved letter; those about one thing together, by the first of them.

    Each thing has a transaction of its own. What fails stays unresolved, and the others go on:
    `python -m <service> resync` may be run as often as it takes.
    """
    async with database.transaction() as db:
        letters = await unresolved(db, group)
    things: dict[tuple[str, str], list[Letter]] = {}
    for letter in letters:
        things.setdefault((letter.lane.topic, letter.key), []).append(letter)
    failed = 0
    for about in things.values():
        ids = [letter.id for letter in about]
        try:
            async with database.transaction() as db:
                await resync(db, about[0])
                await resolve(db, ids)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not keep the others
            failed += len(ids)
            _log.error("resync.failed", letters=ids, error=describe(error))
        else:
            _log.info("resync.resolved", letters=ids, topic=about[0].lane.topic)
    return Resynced(resolved=len(letters) - failed, failed=failed)


def _row(letter: NewLetter) -> dict[str, object]:
    envelope = letter.delivery.envelope
    return {
        "topic": letter.delivery.lane.topic,
        "partition": letter.delivery.lane.partition,
        "offset": letter.delivery.offset,
        "route": letter.route,
        "part": letter.part,
        "type": "" if envelope is None else envelope.type,
        "key": letter.delivery.key,
        "kind": letter.kind,
        "error": letter.error,
        "traceparent": None if envelope is None else envelope.traceparent,
    }


_STORE = text("""
    INSERT INTO dead_letter (
        consumer_group, topic, partition, "offset", route, part, type, key, kind, error, traceparent
    )
    SELECT :group, letter.*
    FROM unnest(
        CAST(:topic AS text[]), CAST(:partition AS int[]), CAST(:offset AS bigint[]),
        CAST(:route AS text[]), CAST(:part AS int[]), CAST(:type AS text[]), CAST(:key AS text[]),
        CAST(:kind AS text[]), CAST(:error AS text[]), CAST(:traceparent AS text[])
    ) AS letter
    ON CONFLICT ON CONSTRAINT one_letter
        DO UPDATE SET error = excluded.error, kind = excluded.kind, resolved_at = NULL
""")
_UNRESOLVED = text("""
    SELECT id, topic, partition, "offset", route, part, type, key, kind, error, traceparent,
        created_at
    FROM dead_letter
    WHERE consumer_group = :group AND resolved_at IS NULL
    ORDER BY id
    LIMIT :limit
""")
_INCOMPLETE = text("""
    SELECT DISTINCT key FROM dead_letter
    WHERE resolved_at IS NULL AND key = ANY(CAST(:keys AS text[]))
""")
_RESOLVE = text("""
    UPDATE dead_letter SET resolved_at = clock_timestamp() WHERE id = ANY(CAST(:ids AS bigint[]))
""")
