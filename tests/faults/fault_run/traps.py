"""Triggers that make a service's own database misbehave at a chosen statement or commit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

_BODY: Final = """
    CREATE OR REPLACE FUNCTION fault_trap() RETURNS trigger LANGUAGE plpgsql AS $trap$
    BEGIN {body} RETURN COALESCE(NEW, OLD); END $trap$
"""


@asynccontextmanager
async def trap(database: asyncpg.Connection, when: str, body: str) -> AsyncIterator[None]:
    """Run PL/pgSQL at a moment (`BEFORE DELETE ON … FOR EACH …`) until the block ends.

    `CONSTRAINT … DEFERRABLE INITIALLY DEFERRED` makes it the moment of the commit.
    """
    kind = "CONSTRAINT TRIGGER" if "DEFERRED" in when else "TRIGGER"
    table = when.partition(" ON ")[2].split()[0]
    await database.execute(_BODY.format(body=body))
    await database.execute(f"CREATE {kind} fault_trap {when} EXECUTE FUNCTION fault_trap()")
    try:
        yield
    finally:
        # Harmless at once, without waiting for anybody; then taken away.
        await database.execute(_BODY.format(body=""))
        await _drop(database, table)


async def _drop(database: asyncpg.Connection, table: str) -> None:
    """Drop the trigger as soon as nobody holds the table."""
    while True:
        try:
            await database.execute("SET lock_timeout = '1s'")
            await database.execute(f"DROP TRIGGER fault_trap ON {table}")
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(0.2)
        else:
            break
    await database.execute("DROP FUNCTION fault_trap()")
