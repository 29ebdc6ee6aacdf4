"""The relay's side of the outbox: one lock, and claims that give each partition a dense sequence.

A sequence is given when rows are claimed, not when they are inserted: insert order is not commit
order, and a relay that remembered "everything up to id n" never saw the rows committed late.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg
from sqlalchemy import Row, text

from attendance_contracts.events import EVENTS
from attendance_runtime.database import Database, SqlSession, session_on
from attendance_runtime.messaging.lanes import Lane, lane_of

_LOCK_KEY: Final = 0x4F7574426F78  # "OutBox"; a service's database has one outbox, so one lock
_DEPTH_COUNTED_TO: Final = 100_000
_COMMAND_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An outbox row with its place: which lane, and which number in it."""

    lane: Lane
    sequence: int
    record_key: str
    type: str
    payload: bytes
    headers: dict[str, str]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows that were given their sequences and are published together, however often it takes."""

    id: int
    rows: tuple[int, ...]
    outgoing: tuple[Outgoing, ...]


@dataclass(frozen=True, slots=True)
class Depth:
    """How much waits in the outbox (counted to 100,000) and since how many seconds."""

    rows: int
    oldest_seconds: float


def number_rows(
    lanes: Sequence[Lane], last: dict[Lane, int], counts: dict[Lane, int]
) -> tuple[int, ...]:
    """Give each row the next number of its lane; `last` is what was reserved, `counts` how many."""
    following = {lane: last[lane] - counts[lane] for lane in counts}
    numbers = []
    for lane in lanes:
        following[lane] += 1
        numbers.append(following[lane])
    return tuple(numbers)


@asynccontextmanager
async def lock_connection(
    database: Database, *, lost_after_seconds: float
) -> AsyncIterator["LockConnection"]:
    """Open the connection that will hold the lock, beside the service's pool.

    A session advisory lock lives as long as its session. PostgreSQL ends a session that was silent
    for `lost_after_seconds`, so a frozen relay loses the lock and cannot write afterwards.
    """
    milliseconds = str(int(lost_after_seconds * 1000))
    outside = Database(
        database.url,
        pool_size=1,
        command_seconds=_COMMAND_SECONDS,
        server_settings={
            "application_name": "outbox-relay",
            "idle_session_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            # What was claimed or deleted must stay so: with it off, a row that was already
            # acted on came back after a crash of the server.
            "synchronous_commit": "on",
        },
    )
    try:
        async with outside.connection() as connection:
            yield LockConnection(connection)
    finally:
        await outside.dispose()


class LockConnection:
    """The connection that holds the lock is the one that writes: a lost lock can write nothing."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    def _transaction(self) -> AbstractAsyncContextManager[SqlSession]:
        return session_on(lambda: nullcontext(self._connection))

    def _one_statement(self) -> AbstractAsyncContextManager[SqlSession]:
        return session_on(lambda: nullcontext(self._connection), one_statement=True)

    async def try_lock(self) -> bool:
        """Try to become the one active relay of this database."""
        async with self._one_statement() as db:
            locked = await db.execute(_TRY_LOCK, {"key": _LOCK_KEY})
            return bool(locked.scalar_one())

    async def ping(self) -> None:
        """Stay awake in PostgreSQL's eyes; fails when the session and its lock are gone."""
        async with self._one_statement() as db:
            await db.execute(_PING)

    async def pending_claim(self) -> Claim | None:
        """Return the claim that a predecessor left: it may have been sent in part, or in whole."""
        async with self._transaction() as db:
            claim = (await db.execute(_PENDING)).one_or_none()
            if claim is None:
                return None
            loaded = await db.execute(
                _LOAD,
                {
                    "rows": claim.rows,
                    "partitions": claim.partitions,
                    "sequences": claim.sequences,
                },
            )
            outgoing = [
                _outgoing(row, Lane(row.topic, row.partition), row.sequence) for row in loaded
            ]
            return Claim(claim.id, tuple(claim.rows), tuple(outgoing))

    async def rows_wait(self) -> bool:
        """Look whether there is anything to claim, which is all that an idle relay does."""
        async with self._one_statement() as db:
            return bool(await db.scalar(_ROWS_WAIT))

    async def take_claim(self, size: int) -> Claim | None:
        """Claim the oldest rows and give them their sequences, in one transaction."""
        async with self._transaction() as db:
            rows = (await db.execute(_OLDEST, {"size": size})).all()
            if not rows:
                return None
            # By topic: a row may be of an event that this release tells no more.
            partitions = {kind.topic.name: kind.topic.partitions for kind in EVENTS.values()}
            lanes = [lane_of(row.topic, row.key, partitions[row.topic]) for row in rows]
            sequences = await _reserve(db, lanes)
            ids = tuple(row.id for row in rows)
            stored = await db.execute(
                _STORE,
                {
                    "rows": list(ids),
                    "partitions": [lane.partition for lane in lanes],
                    "sequences": list(sequences),
                },
            )
            places = zip(rows, lanes, sequences, strict=True)
            return Claim(stored.scalar_one(), ids, tuple(_outgoing(*place) for place in places))

    async def finish(self, claim: Claim) -> None:
        """Delete what was acknowledged, with its claim."""
        async with self._one_statement() as db:
            await db.execute(_DELETE, {"rows": list(claim.rows), "id": claim.id})

    async def depth(self) -> Depth:
        """Measure what waits in the outbox."""
        async with self._one_statement() as db:
            row = (await db.execute(_DEPTH, {"limit": _DEPTH_COUNTED_TO})).one()
            return Depth(rows=row.rows, oldest_seconds=float(row.oldest_seconds))


async def _reserve(db: SqlSession, lanes: Sequence[Lane]) -> tuple[int, ...]:
    """Move each lane's last number on, and return every row's own."""
    counts = Counter(lanes)
    touched = sorted(counts)
    reserved = await db.execute(
        _RESERVE,
        {
            "topics": [lane.topic for lane in touched],
            "partitions": [lane.partition for lane in touched],
            "counts": [counts[lane] for lane in touched],
        },
    )
    last = {Lane(row.topic, row.partition): row.last for row in reserved}
    return number_rows(lanes, last, counts)


def _outgoing(row: Row[tuple[object, ...]], lane: Lane, sequence: int) -> Outgoing:
    return Outgoing(
        lane=lane,
        sequence=sequence,
        record_key=row.record_key,
        type=row.type,
        payload=row.payload,
        headers=row.headers,
        recorded_at=row.created_at,
    )


_TRY_LOCK = text("SELECT pg_try_advisory_lock(CAST(:key AS bigint))")
_PING = text("SELECT 1")
_PENDING = text("SELECT id, rows, partitions, sequences FROM outbox_claim ORDER BY id LIMIT 1")
_ROWS_WAIT = text("SELECT EXISTS (SELECT FROM outbox)")
_OLDEST = text("""
    SELECT id, topic, key, record_key, type, payload, headers, created_at FROM outbox
    ORDER BY id LIMIT :size
""")
_RESERVE = text("""
    INSERT INTO outbox_sequence AS kept (topic, partition, last)
    SELECT topic, partition, counted
    FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:counts AS bigint[]))
        AS given (topic, partition, counted)
    ON CONFLICT (topic, partition) DO UPDATE SET last = kept.last + excluded.last
    RETURNING topic, partition, last
""")
_STORE = text("""
    INSERT INTO outbox_claim (rows, partitions, sequences)
    VALUES (CAST(:rows AS bigint[]), CAST(:partitions AS int[]), CAST(:sequences AS bigint[]))
    RETURNING id
""")
_LOAD = text("""
    SELECT outbox.topic, given.partition, given.sequence, outbox.record_key, outbox.type,
        outbox.payload, outbox.headers, outbox.created_at
    FROM unnest(
        CAST(:rows AS bigint[]), CAST(:partitions AS int[]), CAST(:sequences AS bigint[])
    ) AS given (id, partition, sequence)
    JOIN outbox USING (id)
    ORDER BY given.id
""")
_DELETE = text("""
    WITH published AS (DELETE FROM outbox_claim WHERE id = :id)
    DELETE FROM outbox WHERE id = ANY(CAST(:rows AS bigint[]))
""")
_DEPTH = text("""
    SELECT count(*) AS rows,
        coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) AS oldest_seconds
    FROM (SELECT created_at FROM outbox ORDER BY id LIMIT :limit) AS waiting
""")
