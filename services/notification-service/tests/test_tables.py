"""The tables as written are the tables as migrated."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from attendance_runtime.database import Database
from notification_service.tables import metadata


async def test_the_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
