"""The tables as migrated are the tables that the code names."""

from sqlalchemy import text

from attendance_runtime.database import Database
from attendance_testing.databases import schema_differences
from register_service.tables import metadata


async def test_the_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    assert await schema_differences(database, metadata) == []


async def test_a_sessions_marks_lie_together_in_their_key(database: Database) -> None:
    """What a mark costs must not grow with those kept (ADR 10); the comparison sees no order."""
    async with database.transaction() as db:
        keys = await db.scalars(
            text("SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'marks_20%'")
        )
        found = {key.partition("(")[2] for key in keys}
    assert found == {"date, session, enrolment_id)"}


async def test_events_are_not_compressed_while_they_wait(database: Database) -> None:
    """It cost more than writing them; the comparison does not see how a column is stored."""
    async with database.transaction() as db:
        stored = await db.scalar(
            text("""
                SELECT attstorage FROM pg_attribute
                WHERE attrelid = CAST('outbox' AS regclass) AND attname = 'payload'
            """)
        )
    assert stored == b"e"  # external
