"""The consumer's memory in PostgreSQL: offsets, and the last sequence of each stream.

Both change in the transaction that stores the effects, so a crash repeats the batch or nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from attendance_runtime.errors import FirstdayError
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.messaging.sequences import Stream

# Without these a worker frozen inside a transaction keeps its rows locked, and a successor waits.
_LIMITS_NEEDED: Final = (
    "idle_in_transaction_session_timeout",
    "lock_timeout",
    "statement_timeout",
)


class UnsafeConnection(FirstdayError):
    """A worker's connections lack a time limit or durability that exactly-once rests on."""

    title = "The worker's database connections are not safe"


class StaleOffsets(Exception):
    """Somebody else has moved a lane on: this consumer is no longer its owner."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a lane continues, and in which Kafka cluster that is true."""

    next_offset: int
    cluster_id: str | None


async def check_connection(db: SqlSession) -> None:
    """Refuse to consume over connections without the settings that the rules rest on.

    Raises:
        UnsafeConnection: names the setting to correct.
    """
    rows = await db.execute(_SETTINGS, {"names": [*_LIMITS_NEEDED, "synchronous_commit"]})
    settings = {row.name: row.setting for row in rows}
    unlimited = [name for name in _LIMITS_NEEDED if settings[name] == "0"]
    if unlimited:
        raise UnsafeConnection(f"Set {', '.join(unlimited)} on the worker's connections.")
    if settings["synchronous_commit"] == "off":
        raise UnsafeConnection("Set synchronous_commit to on: outbox rows must survive a crash.")


async def find_or_begin(
    db: SqlSession, group: str, lanes: Collection[Lane], *, cluster_id: str
) -> dict[Lane, Stored]:
    """Return where each lane continues; a lane never read before begins at 0.

    Never at "the newest" or wherever Kafka thinks: what lies before would be skipped without a
    word. If 0 is no longer there, the consumer stops that lane and says so.
    """
    given = _given(group, lanes)
    await db.execute(_BEGIN, given | {"cluster_id": cluster_id})
    rows = await db.execute(_FIND, given)
    return {Lane(row.topic, row.partition): Stored(row.next_offset, row.cluster_id) for row in rows}


async def lock(db: SqlSession, group: str, positions: Mapping[Lane, int]) -> None:
    """Lock the lanes' offsets, in lane order, before anything else is touched.

    Two consumers that meet in a rebalance then queue here, instead of in each other's effects.

    Raises:
        StaleOffsets: a lane is not where this consumer believed it to be.
    """
    rows = await db.execute(_LOCK, _given(group, positions))
    stored = {Lane(row.topic, row.partition): row.next_offset for row in rows}
    if stored != dict(positions):
        raise StaleOffsets


async def read_watermarks(db: SqlSession, group: str, lanes: Collection[Lane]) -> dict[Stream, int]:
    """Return the last sequence applied of each stream; read after the lock, never remembered."""
    rows = await db.execute(_WATERMARKS, _given(group, lanes))
    return {Stream(Lane(row.topic, row.partition), row.source): row.sequence for row in rows}


async def save_watermarks(db: SqlSession, group: str, watermarks: Mapping[Stream, int]) -> None:
    """Store the new watermarks, sorted by key as every upsert is."""
    if not watermarks:
        return
    streams = sorted(watermarks)
    await db.execute(
        _SAVE_WATERMARKS,
        _given(group, (stream.lane for stream in streams))
        | {
            "sources": [stream.source for stream in streams],
            "sequences": [watermarks[stream] for stream in streams],
        },
    )


async def advance(
    db: SqlSession,
    group: str,
    *,
    expected: Mapping[Lane, int],
    following: Mapping[Lane, int],
) -> None:
    """Move each lane on, if it still stands where it was expected (compare-and-set).

    Raises:
        StaleOffsets: fewer rows moved than lanes were given.
    """
    moved = await db.execute(
        _ADVANCE,
        _given(group, expected)
        | {
            "expected": [expected[lane] for lane in expected],
            "following": [following[lane] for lane in expected],
        },
    )
    if len(moved.all()) != len(expected):
        raise StaleOffsets


async def restart_at(
    db: SqlSession, group: str, offsets: Mapping[Lane, int], *, cluster_id: str
) -> None:
    """Continue at these offsets after a rebuild; whatever number comes next is taken as first."""
    given = _given(group, offsets)
    await db.execute(_FORGET_WATERMARKS, given)
    await db.execute(
        _RESTART, given | {"offsets": list(offsets.values()), "cluster_id": cluster_id}
    )


def _given(group: str, lanes: Iterable[Lane]) -> dict[str, object]:
    listed = list(lanes)
    return {
        "group": group,
        "topics": [lane.topic for lane in listed],
        "partitions": [lane.partition for lane in listed],
    }


_SETTINGS = text("""
    SELECT name, setting FROM pg_settings WHERE name = ANY(CAST(:names AS text[]))
""")
_BEGIN = text("""
    INSERT INTO consumer_offset (consumer_group, topic, partition, next_offset, cluster_id)
    SELECT :group, topic, partition, 0, :cluster_id
    FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])) AS lane (topic, partition)
    ORDER BY topic, partition
    ON CONFLICT (consumer_group, topic, partition) DO NOTHING
""")
_FIND = text("""
    SELECT topic, partition, next_offset, cluster_id FROM consumer_offset
    JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])) AS lane (topic, partition)
        USING (topic, partition)
    WHERE consumer_group = :group
""")
_LOCK = text("""
    SELECT topic, partition, next_offset FROM consumer_offset
    JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])) AS lane (topic, partition)
        USING (topic, partition)
    WHERE consumer_group = :group
    ORDER BY topic, partition
    FOR NO KEY UPDATE OF consumer_offset
""")
_WATERMARKS = text("""
    SELECT topic, partition, source, sequence FROM consumer_sequence
    JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])) AS lane (topic, partition)
        USING (topic, partition)
    WHERE consumer_group = :group
""")
_SAVE_WATERMARKS = text("""
    INSERT INTO consumer_sequence (consumer_group, topic, partition, source, sequence)
    SELECT :group, topic, partition, source, sequence
    FROM unnest(
        CAST(:topics AS text[]), CAST(:partitions AS int[]),
        CAST(:sources AS text[]), CAST(:sequences AS bigint[])
    ) AS watermark (topic, partition, source, sequence)
    ON CONFLICT (consumer_group, topic, partition, source)
        DO UPDATE SET sequence = excluded.sequence
""")
_ADVANCE = text("""
    UPDATE consumer_offset SET next_offset = lane.following
    FROM unnest(
        CAST(:topics AS text[]), CAST(:partitions AS int[]),
        CAST(:expected AS bigint[]), CAST(:following AS bigint[])
    ) AS lane (topic, partition, expected, following)
    WHERE consumer_group = :group
        AND consumer_offset.topic = lane.topic AND consumer_offset.partition = lane.partition
        AND next_offset = lane.expected
    RETURNING 1
""")
_FORGET_WATERMARKS = text("""
    DELETE FROM consumer_sequence
    USING unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])) AS lane (topic, partition)
    WHERE consumer_group = :group
        AND consumer_sequence.topic = lane.topic AND consumer_sequence.partition = lane.partition
""")
_RESTART = text("""
    INSERT INTO consumer_offset (consumer_group, topic, partition, next_offset, cluster_id)
    SELECT :group, topic, partition, next_offset, :cluster_id
    FROM unnest(
        CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:offsets AS bigint[])
    ) AS lane (topic, partition, next_offset)
    ORDER BY topic, partition
    ON CONFLICT (consumer_group, topic, partition)
        DO UPDATE SET next_offset = excluded.next_offset, cluster_id = excluded.cluster_id
""")
