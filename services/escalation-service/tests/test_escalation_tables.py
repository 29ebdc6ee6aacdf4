"""The migrations make what the code believes in."""

from attendance_runtime.database import Database
from attendance_testing.databases import schema_differences
from escalation_service.tables import metadata


async def test_the_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    assert await schema_differences(database, metadata) == []
