"""A service's own database: created anew, migrated once, each test's work rolled back."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from attendance_runtime.database import Database, SqlSession
from attendance_runtime.database_url import driver_options

Opened = TypeVar("Opened")

_PARTITIONS = "SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')"


@asynccontextmanager
async def created_database(postgres_url: str, name: str) -> AsyncIterator[str]:
    """Create an empty database for some tests and drop it after them; its address."""
    unique = f"{name}_{uuid4().hex[:8]}"
    await _administer(postgres_url, f'CREATE DATABASE "{unique}"')
    yield f"{postgres_url.rpartition('/')[0]}/{unique}"
    await _administer(postgres_url, f'DROP DATABASE "{unique}" WITH (FORCE)')


def database_fixture(service_folder: Path) -> Any:  # noqa: ANN401 - pytest's fixture type
    """Build the session-wide `database` fixture of a service: created anew, migrated once."""
    name = f"test_{service_folder.name.replace('-', '_')}"

    @pytest.fixture(scope="session")
    async def database(postgres_url: str) -> AsyncIterator[Database]:
        async with created_database(postgres_url, name) as url:
            migrate_by_alembic(service_folder, url)
            opened = Database(url, pool_size=8)
            yield opened
            await opened.dispose()

    return database


def migrate_by_alembic(service_folder: Path, database_url: str, *, upto: str = "head") -> None:
    """Run a service's real migrations, in a process of their own: Alembic runs an event loop."""
    program = (
        "import importlib, sys; from attendance_runtime.migrations import migrate;"
        "migrate(importlib.import_module(sys.argv[1]), sys.argv[2], revision=sys.argv[3])"
    )
    package = service_folder.name.replace("-", "_")
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", program, package, database_url, upto], check=True
    )


async def schema_differences(database: Database, metadata: MetaData) -> list[object]:
    """Return how a migrated database differs from the metadata that its service's code uses.

    Tables, columns, types, defaults, indexes and constraints; nothing, if the migrations are right.
    A partition is its table's and is not compared apart.
    """
    async with database.engine.connect() as connection:
        partitions = frozenset(await connection.scalars(text(_PARTITIONS)))

        def is_whole(name: str | None, kind: str, _: object) -> bool:
            return kind != "table" or name not in partitions

        def differences(sync: Connection) -> list[object]:
            options = {"include_name": is_whole, "compare_server_default": True}
            return list(compare_metadata(MigrationContext.configure(sync, opts=options), metadata))

        return await connection.run_sync(differences)


async def _administer(url: str, statement: str) -> None:
    connection = await asyncpg.connect(**driver_options(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def transaction_fixture() -> Any:  # noqa: ANN401 - pytest's fixture type
    """Build the `db` fixture of a service: a transaction rolled back after the test."""

    @pytest.fixture
    async def db(database: Database) -> AsyncIterator[SqlSession]:
        async with rolled_back(database.transaction()) as opened:
            yield opened

    return db


class _RollBack(Exception):
    """Ends a transaction or a savepoint without a trace."""


@asynccontextmanager
async def rolled_back(begun: AbstractAsyncContextManager[Opened]) -> AsyncIterator[Opened]:
    """Open a transaction or a savepoint, and take back all that happened in it."""
    with suppress(_RollBack):
        async with begun as opened:
            yield opened
            raise _RollBack
