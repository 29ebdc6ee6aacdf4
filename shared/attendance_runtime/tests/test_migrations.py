"""A service's migrations run one at a time, give up in time, and keep what was done before."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from attendance_testing.databases import created_database

ENV = """
from sqlalchemy import MetaData
from attendance_runtime.migrations import run_migrations

run_migrations(MetaData())
"""
VERSION = """
from alembic import op

revision = {revision!r}
down_revision = {down_revision!r}


def upgrade() -> None:
    op.execute({statement!r})
"""
MIGRATE = """
import sys
import some_service
from attendance_runtime.migrations import MigrationGaveUp, MigrationLimits, migrate

try:
    migrate(some_service, sys.argv[1], limits=MigrationLimits(*map(float, sys.argv[2:])))
except MigrationGaveUp as gave_up:
    sys.exit(str(gave_up))
"""


def a_package(folder: Path, *statements: str) -> Path:
    """A service's package of that many migrations; its folder."""
    package = folder / "some_service"
    versions = package / "migrations" / "versions"
    versions.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "migrations" / "env.py").write_text(ENV)
    before = None
    for number, statement in enumerate(statements, start=1):
        revision = f"{number:04}_step"
        (versions / f"{revision}.py").write_text(
            VERSION.format(revision=revision, down_revision=before, statement=statement)
        )
        before = revision
    return folder


class Migrating:
    """A process that migrates."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(
        cls, folder: Path, url: str, *, wait: float = 180, lock: float = 180, statement: float = 180
    ) -> "Migrating":
        limits = [str(seconds) for seconds in (wait, lock, statement)]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", MIGRATE, url, *limits),
            cwd=folder,
            stderr=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def end(self) -> tuple[int | None, str]:
        """Its exit status and what it said."""
        _, said = await asyncio.wait_for(self._process.communicate(), 180)
        return self._process.returncode, said.decode()


@pytest.fixture
async def url(postgres_url: str) -> AsyncIterator[str]:
    async with created_database(postgres_url, "test_migrations") as created:
        yield created


@pytest.fixture
async def watcher(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection beside the migrations."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def until(watcher: asyncpg.Connection, question: str) -> None:
    async with asyncio.timeout(180):
        while not await watcher.fetchval(question):  # noqa: ASYNC110 - nothing tells of a lock
            await asyncio.sleep(0.02)


WAITS_FOR_THE_OTHER = """
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""


async def test_of_two_that_migrate_at_once_one_waits_and_both_end_well(
    url: str, watcher: asyncpg.Connection, tmp_path: Path
) -> None:
    """Two copies of a service that started together once made the same table."""
    await watcher.execute("CREATE TABLE gate ()")
    step = "LOCK TABLE gate; CREATE TABLE made_once ()"
    folder = a_package(tmp_path, *step.split("; "))
    async with watcher.transaction():
        await watcher.execute("LOCK TABLE gate")
        both = [await Migrating.start(folder, url) for _ in range(2)]
        await until(watcher, WAITS_FOR_THE_OTHER)

    assert [await one.end() for one in both] == [(0, ""), (0, "")]
    assert await watcher.fetchval("SELECT version_num FROM alembic_version") == "0002_step"


async def test_who_waits_for_another_gives_up_after_its_time(
    url: str, watcher: asyncpg.Connection, tmp_path: Path
) -> None:
    await watcher.execute("CREATE TABLE gate ()")
    folder = a_package(tmp_path, "LOCK TABLE gate")
    async with watcher.transaction():
        await watcher.execute("LOCK TABLE gate")
        first = await Migrating.start(folder, url)
        await until(watcher, "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')")
        status, said = await (await Migrating.start(folder, url, wait=0.2)).end()
    assert status == 1
    assert "is migrating this database" in said
    assert await first.end() == (0, "")


async def test_a_migration_gives_up_a_table_that_somebody_holds_and_keeps_the_steps_before(
    url: str, watcher: asyncpg.Connection, tmp_path: Path
) -> None:
    """Steps used to share a transaction, although each was meant to have its own."""
    await watcher.execute("CREATE TABLE busy ()")
    folder = a_package(tmp_path, "CREATE TABLE before ()", "ALTER TABLE busy ADD COLUMN x int")
    async with watcher.transaction():
        await watcher.execute("LOCK TABLE busy")
        status, said = await (await Migrating.start(folder, url, lock=0.2)).end()
        assert status == 1
        assert "MIGRATION_…_SECONDS" in said
        assert await watcher.fetchval("SELECT version_num FROM alembic_version") == "0001_step"

    assert await (await Migrating.start(folder, url)).end() == (0, "")
    assert await watcher.fetchval("SELECT version_num FROM alembic_version") == "0002_step"


async def test_a_statement_that_takes_too_long_leaves_nothing_behind(
    url: str, watcher: asyncpg.Connection, tmp_path: Path
) -> None:
    folder = a_package(tmp_path, "CREATE TABLE slow AS SELECT 1 FROM pg_sleep(30)")
    status, said = await (await Migrating.start(folder, url, statement=0.2)).end()
    assert status == 1
    assert "left nothing behind" in said
    assert await watcher.fetchval("SELECT to_regclass('slow')") is None
