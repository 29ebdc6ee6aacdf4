"""The comparison of a database with metadata that every service's migrations are tested by."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text, text

from attendance_runtime.database import Database
from attendance_testing.databases import created_database, schema_differences

AS_MIGRATED = """
    CREATE TABLE marks (year integer NOT NULL, code text NOT NULL DEFAULT 'N', PRIMARY KEY (year))
        PARTITION BY LIST (year);
    CREATE INDEX marks_code ON marks (code);
    CREATE TABLE marks_2026 PARTITION OF marks FOR VALUES IN (2026)
"""


@pytest.fixture(scope="module")
async def database(postgres_url: str) -> AsyncIterator[Database]:
    async with created_database(postgres_url, "test_schema") as url:
        database = Database(url, pool_size=1)
        async with database.transaction() as db:
            for statement in AS_MIGRATED.split(";"):
                await db.execute(text(statement))
        yield database
        await database.dispose()


def believed(code: "Column[str] | Column[int]", *further: Index) -> MetaData:
    metadata = MetaData()
    year = Column("year", Integer, nullable=False)
    Table("marks", metadata, year, code, PrimaryKeyConstraint("year"), *further)
    return metadata


def the_code() -> "Column[str]":
    return Column("code", Text, nullable=False, server_default="N")


async def test_the_same_has_no_differences_whatever_its_partitions(database: Database) -> None:
    metadata = believed(the_code(), Index("marks_code", "code"))
    assert await schema_differences(database, metadata) == []


@pytest.mark.parametrize(
    "metadata",
    [
        believed(the_code()),
        believed(the_code(), Index("marks_code", "year")),
        believed(Column("code", Text, server_default="N"), Index("marks_code", "code")),
        believed(Column("code", Text, nullable=False), Index("marks_code", "code")),
        believed(
            Column("code", Integer, nullable=False, server_default="N"), Index("marks_code", "code")
        ),
        MetaData(),
    ],
    ids=["no index", "another index", "may be null", "no default", "another type", "no table"],
)
async def test_a_difference_is_found(database: Database, metadata: MetaData) -> None:
    assert await schema_differences(database, metadata)
