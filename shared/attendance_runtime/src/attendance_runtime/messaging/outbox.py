"""Announcing an event: its row is written in the transaction of the change that it tells of.

The caller takes the row lock that orders the key *before* it announces. Two changes to one child
then get their outbox rows in the order in which they happened.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from attendance_runtime.messaging import codec
from attendance_runtime.telemetry import current_traceparent

# Ordered, so that the ids follow the order in which the events were given.
_INSERT = text("""
    INSERT INTO outbox (topic, key, record_key, type, payload, headers)
    SELECT topic, key, record_key, type, payload, headers::jsonb
    FROM unnest(
        CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:record_keys AS text[]),
        CAST(:types AS text[]), CAST(:payloads AS bytea[]), CAST(:headers AS text[])
    ) WITH ORDINALITY AS given (topic, key, record_key, type, payload, headers, number)
    ORDER BY number
""")


async def announce(db: SqlSession, events: Sequence[object], *, now: datetime) -> None:
    """Store events for publication, with the state change they tell of or not at all.

    `now` is domain time (`ce_time`). The row's own time, which becomes `ce_recordedtime`, is the
    database's real clock. The trace of the work in hand travels with them.

    Raises:
        codec.EventTooLarge: an event is larger than the brokers take.
    """
    traceparent = current_traceparent()
    await announce_traced(db, [(event, traceparent) for event in events], now=now)


async def announce_traced(
    db: SqlSession, events: Sequence[tuple[object, str | None]], *, now: datetime
) -> None:
    """Store events that belong to several requests, each with the `traceparent` of its own."""
    if not events:
        return
    encoded = [codec.encode(event, now=now, traceparent=trace) for event, trace in events]
    await db.execute(
        _INSERT,
        {
            "topics": [row.topic for row in encoded],
            "keys": [row.key for row in encoded],
            "record_keys": [row.record_key for row in encoded],
            "types": [row.type for row in encoded],
            "payloads": [row.payload for row in encoded],
            "headers": [row.headers for row in encoded],
        },
    )
