"""A database of these tests' own, with the messaging tables and one for effects."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from attendance_runtime.database import Database
from attendance_runtime.messaging.tables import metadata

from .stage import LIMITS, Stage, open_stage

TABLES = (
    "outbox",
    "outbox_claim",
    "outbox_sequence",
    "consumer_offset",
    "consumer_sequence",
    "dead_letter",
)


@pytest.fixture(scope="session")
async def messaging_url(postgres_url: str) -> AsyncIterator[str]:
    """The address of a new database with the messaging tables."""
    server = f"postgresql+asyncpg://{postgres_url.partition('://')[2]}"
    name = f"messaging_{uuid4().hex[:8]}"
    await _administer(server, f'CREATE DATABASE "{name}"')
    url = f"{server.rpartition('/')[0]}/{name}"
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all, [metadata.tables[each] for each in TABLES])
        await connection.execute(
            text("CREATE TABLE effect (id bigserial PRIMARY KEY, subject uuid, number int)")
        )
    await engine.dispose()
    yield url
    await _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
async def messaging_database(messaging_url: str) -> AsyncIterator[Database]:
    """Connections to it as a worker has them."""
    database = Database(messaging_url, pool_size=12, server_settings=LIMITS)
    yield database
    await database.dispose()


@pytest.fixture
async def empty_database(messaging_database: Database) -> Database:
    """The same, emptied."""
    async with messaging_database.transaction() as db:
        await db.execute(text(f"TRUNCATE effect, {', '.join(TABLES)} RESTART IDENTITY"))
    return messaging_database


@pytest.fixture
async def stage(empty_database: Database, kafka_bootstrap: str) -> AsyncIterator[Stage]:
    """A stage on a topic that keeps its events for a time."""
    async with open_stage(empty_database, kafka_bootstrap) as opened:
        yield opened


@pytest.fixture
async def compacted_stage(empty_database: Database, kafka_bootstrap: str) -> AsyncIterator[Stage]:
    """A stage on a topic that keeps the newest event of each key."""
    async with open_stage(empty_database, kafka_bootstrap, "compact") as opened:
        yield opened


async def _administer(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
