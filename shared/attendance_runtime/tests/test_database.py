"""Transactions on a real PostgreSQL: when they begin, how they end, and what the pool gets back."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import make_url, text

from attendance_runtime.database import Database, SqlSession
from attendance_runtime.trouble import is_transient
from attendance_testing.databases import rolled_back

_BACKEND = text("SELECT pg_backend_pid()")


async def numbers(database: Database) -> list[int]:
    async with database.transaction() as db:
        return list(await db.scalars(text("SELECT number FROM numbers ORDER BY number")))


async def add(db: SqlSession, number: int) -> None:
    await db.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})


@pytest.fixture(scope="module")
async def prepared(runtime_database: Database) -> Database:
    async with runtime_database.transaction() as db:
        await db.execute(text("CREATE TABLE numbers (number integer)"))
        await db.execute(
            text("CREATE TABLE pairs (number integer UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        )
    return runtime_database


@pytest.fixture
async def database(prepared: Database) -> Database:
    async with prepared.transaction() as db:
        await db.execute(text("TRUNCATE numbers, pairs"))
    return prepared


async def fail_after(database: Database, *statements: str) -> None:
    """Run statements in one transaction, then leave it by an error of our own."""
    async with database.transaction() as db:
        for statement in statements:
            await db.execute(text(statement))
        raise LookupError


async def backend(database: Database) -> int:
    """Which connection does the pool hand out?"""
    async with database.transaction() as db:
        return int(await db.scalar(_BACKEND))


async def test_what_is_left_in_peace_is_kept_and_what_an_error_leaves_is_not(
    database: Database,
) -> None:
    async with database.transaction() as db:
        await add(db, 1)
    with pytest.raises(LookupError):
        await fail_after(database, "INSERT INTO numbers VALUES (2)")
    assert await numbers(database) == [1]


async def test_a_savepoint_takes_back_its_own_part_alone(database: Database) -> None:
    async with database.transaction() as db:
        await add(db, 1)
        async with rolled_back(db.savepoint()):
            await add(db, 2)
        async with db.savepoint():
            await add(db, 3)
    assert await numbers(database) == [1, 3]


async def test_a_transaction_without_a_statement_takes_no_connection() -> None:
    """A route opens its transaction before a slow client has sent the body."""
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nowhere")
    async with nowhere.transaction():
        pass


async def test_a_connection_that_did_not_answer_in_time_is_given_up(database: Database) -> None:
    """What it has yet to say would be taken for the answer to something else."""
    before = await backend(database)
    late = fail_after(database, "INSERT INTO numbers VALUES (1)", "SELECT pg_sleep(10)")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(late, 0.1)
    assert await backend(database) != before
    assert await numbers(database) == []


async def test_a_statement_that_is_not_answered_in_time_costs_its_connection(
    database: Database,
) -> None:
    """A pool of one gives out another: the place of the first has come back."""
    hurried = Database(database.url, pool_size=1, command_seconds=0.2)
    before = await backend(hurried)
    with pytest.raises(TimeoutError):
        await fail_after(hurried, "SELECT pg_sleep(10)")
    assert await backend(hurried) != before
    await hurried.dispose()


async def test_a_session_ends_with_its_transaction(database: Database) -> None:
    async with database.transaction() as db:
        await add(db, 1)
    with pytest.raises(RuntimeError, match="has ended"):
        await add(db, 2)
    async with database.transaction() as unused:
        pass
    with pytest.raises(RuntimeError, match="has ended"):
        await add(unused, 2)


async def test_a_session_of_one_statement_has_kept_it_and_takes_no_second(
    database: Database,
) -> None:
    async with database.one_statement() as db:
        await add(db, 1)
        assert await numbers(database) == [1]
        with pytest.raises(RuntimeError, match="has ended"):
            await add(db, 2)
    assert await numbers(database) == [1]


async def test_a_single_statement_whose_answer_is_not_awaited_costs_its_connection(
    database: Database,
) -> None:
    alone = Database(database.url, pool_size=1)

    async def one(statement: str) -> None:
        async with alone.one_statement() as db:
            await db.execute(text(statement))

    before = await backend(alone)
    with pytest.raises(asyncpg.PostgresError):
        await one("SELECT 1 / 0")
    assert await backend(alone) == before
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(one("SELECT pg_sleep(10)"), 0.1)
    assert await backend(alone) != before
    await alone.dispose()


async def test_a_statement_prepared_before_a_migration_is_prepared_anew(
    database: Database,
) -> None:
    async def look() -> list[int]:
        async with database.transaction() as db:
            return list(await db.scalars(text("SELECT * FROM numbers")))

    async with database.transaction() as db:
        await add(db, 1)
    await look()
    async with database.transaction() as db:
        await db.execute(text("ALTER TABLE numbers ALTER COLUMN number TYPE bigint"))
    with pytest.raises(asyncpg.InvalidCachedStatementError) as raised:
        await look()
    assert is_transient(raised.value)
    assert await look() == [1]


async def test_a_connection_whose_statement_failed_is_used_again(database: Database) -> None:
    before = await backend(database)
    with pytest.raises(asyncpg.PostgresError):
        async with database.transaction() as db:
            await db.execute(text("SELECT 1 / 0"))
    assert await backend(database) == before


async def test_a_connection_that_was_closed_while_it_lay_in_the_pool_is_replaced(
    database: Database,
) -> None:
    """A restarted PostgreSQL costs nobody a request."""
    before = await backend(database)
    other = await asyncpg.connect(database.url)
    await other.execute("SELECT pg_terminate_backend($1, 5000)", before)
    await other.close()
    await asyncio.sleep(0.1)  # until the driver has read the end of the stream
    assert await backend(database) != before


async def test_a_server_that_takes_no_connections_is_trouble_that_passes(
    database: Database, postgres_url: str
) -> None:
    """A server that is starting up or shutting down says so while we connect."""
    name = make_url(database.url).database
    administrator = await asyncpg.connect(postgres_url)
    refused = Database(database.url)
    await administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    try:
        with pytest.raises(asyncpg.PostgresError) as raised:
            await numbers(refused)
    finally:
        await administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await administrator.close()
        await refused.dispose()
    assert is_transient(raised.value)


async def test_a_commit_that_fails_is_heard_of(database: Database) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction() as db:
            await db.execute(text("INSERT INTO pairs VALUES (1), (1)"))
    async with database.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM pairs")) == 0


async def test_parameters_go_by_name_as_often_as_they_are_named(database: Database) -> None:
    statement = text("SELECT CAST(:a AS int) - CAST(:b AS int) + CAST(:a AS int) AS sum, '50%'")
    async with database.transaction() as db:
        row = (await db.execute(statement, {"b": 1, "a": 5, "unused": 0})).one()
        assert (row.sum, row[1]) == (9, "50%")
        with pytest.raises(KeyError, match="b"):
            await db.execute(statement, {"a": 5})


async def test_no_rows_are_no_rows_however_they_are_read(database: Database) -> None:
    nothing = text("SELECT number, number FROM numbers")
    async with database.transaction() as db:
        assert await db.scalar(nothing) is None
        assert (await db.scalars(nothing)).all() == []
        assert (await db.execute(nothing)).one_or_none() is None
        assert (await db.execute(nothing)).mappings().all() == []
