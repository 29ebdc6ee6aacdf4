"""The bare upsert: what PostgreSQL alone makes of the same rows, to compare everything with.

The machine's speed may wander by a factor of two within minutes; only figures taken right beside
one another make a ratio.
"""

import time
from datetime import date

from loaded import Loaded

_ROWS = 1000
_BATCHES = 30
_DAY = date(2026, 9, 7)
_MAKE = "CREATE TABLE IF NOT EXISTS bare (LIKE marks INCLUDING ALL)"
_UPSERT = """
    INSERT INTO bare AS mark (enrolment_id, date, session, code, source_code, revision, recorded_at)
    SELECT id, $2, 'AM', code, code, 1, now() FROM unnest($1::uuid[], $3::text[]) AS sent (id, code)
    ON CONFLICT (enrolment_id, date, session) DO UPDATE SET code = excluded.code
    WHERE mark.source_code IS DISTINCT FROM excluded.source_code
"""


async def bare(loaded: Loaded) -> float:
    """Measure one connection's upsert of loaded pupils' marks, 1,000 a transaction: rows a second.

    `synchronous_commit` is on, the table is as empty as a new school year's.
    """
    connection = await loaded.connection("register")
    try:
        await connection.execute("SET synchronous_commit = on")
        await connection.execute(_MAKE)
        await connection.execute("TRUNCATE bare")
        ids = [row[0] for row in await connection.fetch("SELECT id FROM enrolments ORDER BY id")]
        batches = [ids[at : at + _ROWS] for at in range(0, min(len(ids), _ROWS * _BATCHES), _ROWS)]
        started = time.perf_counter()
        for batch in batches:
            await connection.execute(_UPSERT, batch, _DAY, ["/"] * len(batch))
        rows = sum(len(batch) for batch in batches)
        return rows / (time.perf_counter() - started)
    finally:
        await connection.close()
