"""How each service's database comes to its newest revision, and the runtime's own tables in it.

The migrations stand in the service's package, `migrations/versions`, and travel in its wheel. They
run while the previous version of the code is serving, each in a transaction of its own with short
time limits: one gives up rather than queue behind a long transaction with everybody behind it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from attendance_runtime.database import DRIVER
from attendance_runtime.database_url import driver_options
from attendance_runtime.tables import runtime_metadata

_LOCK_KEY: Final = 0x4D696772617465  # "Migrate"; advisory locks are a database's own
_LOCK_NOT_AVAILABLE: Final = "55P03"
_QUERY_CANCELED: Final = "57014"


@dataclass(frozen=True, slots=True)
class MigrationLimits:
    """How long a migration waits and works, in seconds.

    Attributes:
        wait: for another process that is migrating the same database.
        lock: for each table; whoever asks for the table meanwhile waits behind the migration.
        statement: for each statement.
    """

    wait: float = 600
    lock: float = 4
    statement: float = 60


class MigrationGaveUp(Exception):
    """A limit was reached; the migration that reached it left nothing behind."""


def migrate(
    package: ModuleType,
    database_url: str,
    *,
    limits: MigrationLimits | None = None,
    revision: str = "head",
) -> None:
    """Bring a service's database to a revision; of two that try at once, one waits.

    Raises:
        MigrationGaveUp: a time limit was reached.
    """
    if package.__file__ is None:
        raise RuntimeError("The service's package has no folder; install it as its README says.")
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
    config.attributes.update(url=database_url, limits=limits or MigrationLimits())
    command.upgrade(config, revision)


def run_migrations(metadata: MetaData) -> None:
    """Run what `migrate` asked for; the whole of a service's `migrations/env.py`."""
    url: str = context.config.attributes["url"]
    limits: MigrationLimits = context.config.attributes["limits"]

    def run(connection: Connection) -> None:
        _wait_for_others(connection, limits)
        # No transaction may be open here: Alembic would take it for the only one.
        context.configure(
            connection=connection, target_metadata=metadata, transaction_per_migration=True
        )
        with context.begin_transaction(), _explaining(limits):
            context.run_migrations()

    async def connect_and_run() -> None:
        times = {
            "lock_timeout": _milliseconds(limits.lock),
            "statement_timeout": _milliseconds(limits.statement),
        }
        options = driver_options(url, server_settings=times)
        engine = create_async_engine(DRIVER, poolclass=NullPool, connect_args=options)
        async with engine.connect() as connection:
            await connection.run_sync(run)
        await engine.dispose()

    asyncio.run(connect_and_run())


def _wait_for_others(connection: Connection, limits: MigrationLimits) -> None:
    """Take the lock of all migrating processes; the connection's end gives it back."""
    with connection.begin(), _explaining(limits):
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SET LOCAL lock_timeout = {_milliseconds(limits.wait)}"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})


@contextmanager
def _explaining(limits: MigrationLimits) -> Iterator[None]:
    """Say what to do about a limit that was reached."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in {_LOCK_NOT_AVAILABLE, _QUERY_CANCELED}:
            raise
        raise MigrationGaveUp(
            f"A time limit was reached ({limits}), and the migration that reached it left nothing "
            "behind. See in pg_stat_activity who holds the table, or is migrating this database; "
            "migrate again when they have finished, or with longer MIGRATION_…_SECONDS."
        ) from error


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))


def create_runtime_tables() -> None:
    """Create those of the runtime's own tables that are not there yet.

    A service's first migration ends with this, and so does each that a new one came with.
    """
    runtime_metadata.create_all(op.get_bind())


def drop_runtime_tables() -> None:
    """Undo `create_runtime_tables`."""
    runtime_metadata.drop_all(op.get_bind())
