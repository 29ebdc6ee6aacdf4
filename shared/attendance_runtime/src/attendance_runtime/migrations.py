"""How every service runs its migrations, and the tables that the runtime itself needs in each.

Each migration runs in a transaction of its own with short time limits, because it may run while the
previous version of the code is serving: it gives up rather than queue behind a long transaction.
"""

import asyncio

from alembic import context, op
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from attendance_runtime.tables import runtime_metadata

_LIMITS = "SET lock_timeout = '4s'; SET statement_timeout = '60s'"


def run_migrations(metadata: MetaData) -> None:
    """Bring the database that Alembic's `sqlalchemy.url` names to the newest revision."""
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("Run `python -m <service> migrate`: it knows the database's address.")

    def run(connection: Connection) -> None:
        for limit in _LIMITS.split(";"):
            connection.execute(text(limit))
        context.configure(
            connection=connection, target_metadata=metadata, transaction_per_migration=True
        )
        with context.begin_transaction():
            context.run_migrations()

    async def connect_and_run() -> None:
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()  # the settings above opened a transaction
        await engine.dispose()

    asyncio.run(connect_and_run())


def create_runtime_tables() -> None:
    """Create the runtime's own tables; a service's first migration ends with this."""
    runtime_metadata.create_all(op.get_bind())


def drop_runtime_tables() -> None:
    """Undo `create_runtime_tables`."""
    runtime_metadata.drop_all(op.get_bind())
