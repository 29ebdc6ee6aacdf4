"""The migrations make what the code believes in."""

from sqlalchemy import Connection, inspect

from attendance_runtime.database import Database
from reporting_service.tables import metadata


async def test_the_database_has_the_tables_and_columns_of_the_metadata(database: Database) -> None:
    def columns(connection: Connection) -> dict[str, set[str]]:
        found = inspect(connection)
        return {
            table: {column["name"] for column in found.get_columns(table)}
            for table in found.get_table_names()
            if table != "alembic_version"
        }

    async with database.engine.connect() as connection:
        migrated = await connection.run_sync(columns)

    assert migrated == {
        table.name: {column.name for column in table.columns} for table in metadata.sorted_tables
    }


async def test_the_indexes_are_those_of_the_metadata(database: Database) -> None:
    def indexes(connection: Connection) -> set[str | None]:
        found = inspect(connection)
        return {
            index["name"]
            for table in found.get_table_names()
            for index in found.get_indexes(table)
            if "duplicates_constraint" not in index
        }

    async with database.engine.connect() as connection:
        migrated = await connection.run_sync(indexes)

    assert migrated == {index.name for table in metadata.sorted_tables for index in table.indexes}
