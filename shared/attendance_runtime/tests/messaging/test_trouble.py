"""Which errors pass by themselves, and how an error is written down without content."""

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError, NotLeaderForPartitionError
from sqlalchemy import text

from attendance_runtime.database import Database
from attendance_runtime.errors import Invalid, Unavailable
from attendance_runtime.trouble import describe, is_transient


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InternalClientError("cannot switch to state 15"), True),
        (KafkaConnectionError(), True),
        (NotLeaderForPartitionError(), True),
        (Unavailable("Later."), True),
        (Invalid("No."), False),
        (KeyError("child"), False),
        (AssertionError(), False),
    ],
)
def test_trouble_of_the_surroundings_is_transient_and_ours_is_not(
    error: Exception, *, transient: bool
) -> None:
    assert is_transient(error) is transient


async def run(database: Database, *statements: str) -> None:
    """Run statements in one transaction."""
    async with database.transaction() as db:
        for statement in statements:
            await db.execute(text(statement))


@pytest.mark.parametrize(
    ("statements", "transient"),
    [
        (["SELECT pg_terminate_backend(pg_backend_pid())"], True),
        (["SET LOCAL statement_timeout = 1", "SELECT pg_sleep(1)"], True),
        (["DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"], True),  # deadlock
        (["DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"], True),  # serialization
        (["DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$"], True),  # lock time-out
        (["DO $$ BEGIN RAISE SQLSTATE '55000'; END $$"], True),  # accepts no connections
        (["DO $$ BEGIN RAISE SQLSTATE '53100'; END $$"], True),  # disk full
        (["DO $$ BEGIN RAISE SQLSTATE '23505'; END $$"], False),  # unique violation
        (["SELECT 1 / 0"], False),
        (["SELECT nothing FROM nowhere"], False),
    ],
)
async def test_what_postgresql_says_decides_whether_to_try_again(
    empty_database: Database, statements: list[str], *, transient: bool
) -> None:
    with pytest.raises(asyncpg.PostgresError) as raised:
        await run(empty_database, *statements)
    assert is_transient(raised.value) is transient


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("integer", "four"),
        ("integer", 2**31),
        ("integer[]", [1, "four"]),
        ("uuid[]", ["not an id"]),
        ("date", "2026-09-07"),
        ("text", "\ud800"),
    ],
)
async def test_an_argument_that_the_driver_refuses_is_not_sent_again(
    empty_database: Database, kind: str, argument: object
) -> None:
    """It never reaches PostgreSQL: asyncpg cannot encode it, now or later."""
    with pytest.raises(asyncpg.PostgresError, match="invalid input for query argument") as raised:
        async with empty_database.transaction() as db:
            await db.execute(text(f"SELECT CAST(:argument AS {kind})"), {"argument": argument})
    assert not is_transient(raised.value)


async def test_a_database_that_does_not_answer_is_transient() -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nowhere")
    with pytest.raises(ConnectionRefusedError) as raised:
        await run(database, "SELECT 1")
    assert is_transient(raised.value)
    await database.dispose()


async def test_an_error_is_described_by_class_state_and_place_without_its_text(
    empty_database: Database,
) -> None:
    with pytest.raises(asyncpg.PostgresError) as raised:
        await run(empty_database, "SELECT CAST('Jordan Example' AS int)")
    described = describe(raised.value)
    assert described.startswith("InvalidTextRepresentationError[22P02] in ")
    assert "Jordan" not in described
