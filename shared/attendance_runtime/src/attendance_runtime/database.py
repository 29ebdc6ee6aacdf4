"""The one place that opens and commits transactions, and that runs statements.

`commit` appears here and nowhere else (an architecture test looks): the edge opens a transaction,
everything inside it loads, decides, saves and announces, and it ends when the edge is left.

SQLAlchemy keeps the pool, reads the named parameters and hands out the rows; the statements
themselves are run by the driver. That costs a quarter of what `AsyncSession` does (ADR 11), and a
mark on its way to a view passes through some forty statements.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import lru_cache
from typing import Annotated, Any, Final, cast

import asyncpg
from fastapi import Depends, Request
from sqlalchemy import TextClause, event, make_url, text
from sqlalchemy.engine import IteratorResult, Result, ScalarResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError, DisconnectionError, EmulatedDBAPIException
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from attendance_runtime.database_url import driver_options

DRIVER: Final = "postgresql+asyncpg://"
"""What SQLAlchemy is told of an address: the rest goes to the driver, which knows its words."""

_DIALECT: Final = make_url(DRIVER).get_dialect()()
_STATEMENTS_KEPT: Final = 500


class SqlSession:
    """The statements of one transaction, which begins with the first of them.

    Not before: a route that still waits for its request's body must hold no connection. Nor does it
    outlive its transaction: the connection may be somebody else's by then.
    """

    __slots__ = ("_begin", "_driver")

    def __init__(self, begin: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self._begin: Callable[[], Awaitable[asyncpg.Connection]] | None = begin
        self._driver: asyncpg.Connection | None = None

    async def execute(
        self, statement: TextClause, parameters: Mapping[str, object] | None = None
    ) -> Result[*tuple[Any, ...]]:
        """Run a statement; parameters it does not name are passed over.

        Raises:
            asyncpg.PostgresError: PostgreSQL, or the driver for it, refuses the statement.
            KeyError: a parameter is missing.
        """
        sql, names = _positional(statement.text)
        given = parameters or {}
        driver = await self._connection()
        records = await driver.fetch(sql, *[given[name] for name in names])
        columns = tuple(records[0].keys()) if records else ("",)
        return IteratorResult(_columns(columns), iter(records))

    async def scalars(
        self, statement: TextClause, parameters: Mapping[str, object] | None = None
    ) -> ScalarResult[Any]:
        """Run a statement; return the first value of each row."""
        return (await self.execute(statement, parameters)).scalars()

    async def scalar(
        self, statement: TextClause, parameters: Mapping[str, object] | None = None
    ) -> Any:  # noqa: ANN401 - whatever the statement selects
        """Run a statement; return the first value of the first row, None if there is none."""
        return (await self.execute(statement, parameters)).scalar()

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Open a part of the transaction that an error takes back alone."""
        async with _begun(await self._connection()):
            yield

    async def _connection(self) -> asyncpg.Connection:
        if self._driver is None:
            if self._begin is None:
                raise RuntimeError("This transaction has ended, or is just beginning.")
            begin, self._begin = self._begin, None
            self._driver = await begin()
        return self._driver

    def end(self) -> None:
        """Run no more statements: the transaction is over."""
        self._begin = self._driver = None


class _OneStatement(SqlSession):
    """A session that has ended with its first statement: PostgreSQL commits that by itself."""

    __slots__ = ()

    async def _connection(self) -> asyncpg.Connection:
        driver = await super()._connection()
        self.end()
        return driver


class Database:
    """A service's own PostgreSQL database: a connection pool, and transactions from it.

    Args:
        url: `postgresql://…`, as `driver_options` takes it.
        pool_size: connections kept open; requests beyond wait for one.
        command_seconds: how long to wait for an answer; a frozen server gives none.
        server_settings: PostgreSQL settings of every connection, time limits for instance.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        command_seconds: float = 30,
        server_settings: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        settings = {"jit": "off", **(server_settings or {})}
        self.engine: AsyncEngine = create_async_engine(
            DRIVER,
            pool_size=pool_size,
            max_overflow=0,
            connect_args={
                **driver_options(url, server_settings=settings),
                "command_timeout": command_seconds,
            },
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)

    def transaction(self) -> AbstractAsyncContextManager[SqlSession]:
        """Open a transaction: committed when left in peace, rolled back when left by an error."""
        return session_on(self.connection)

    def one_statement(self) -> AbstractAsyncContextManager[SqlSession]:
        """Open a transaction of a single statement: one round trip to PostgreSQL, not three."""
        return session_on(self.connection, one_statement=True)

    @property
    def connections_in_use(self) -> int:
        """How many of the pool's connections somebody has taken out now."""
        pool = cast("QueuePool", self.engine.pool)
        return pool.checkedout()

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Take the driver's connection out of the pool; give it back, or up when it is closed."""
        try:
            pooled = await self.engine.raw_connection()
        except (DBAPIError, EmulatedDBAPIException) as wrapped:
            raise wrapped.driver_exception from None
        driver = cast("asyncpg.Connection", pooled.driver_connection)
        try:
            yield driver
        finally:
            if driver.is_closed():
                pooled.invalidate()
            else:
                pooled.close()


@asynccontextmanager
async def session_on(
    connect: Callable[[], AbstractAsyncContextManager[asyncpg.Connection]],
    *,
    one_statement: bool = False,
) -> AsyncIterator[SqlSession]:
    """Open a transaction on a connection that is not asked for before the first statement.

    One of a single statement PostgreSQL begins and commits by itself.
    """
    kind, whole = (_OneStatement, _awaited) if one_statement else (SqlSession, _begun)
    async with AsyncExitStack() as stack:

        async def begin() -> asyncpg.Connection:
            driver = await stack.enter_async_context(connect())
            await stack.enter_async_context(whole(driver))
            return driver

        session = kind(begin)
        try:
            yield session
        finally:
            session.end()


@asynccontextmanager
async def _awaited(driver: asyncpg.Connection) -> AsyncIterator[None]:
    """Close a connection whose answer was not waited for: it may still come, or never."""
    answered = False
    try:
        yield
        answered = True
    except Exception as error:
        answered = not isinstance(error, TimeoutError)
        raise
    finally:
        if not answered:
            driver.terminate()


@asynccontextmanager
async def _begun(driver: asyncpg.Connection) -> AsyncIterator[None]:
    """Begin a transaction, or a savepoint within one; commit or roll back in the end.

    A connection of which nobody knows how far it has come is closed, not waited for: after a
    time-out or a cancellation a frozen server would not answer a `ROLLBACK` either.
    """
    transaction = driver.transaction()
    settled = False
    try:
        await transaction.start()
        yield
        await transaction.commit()
        settled = True
    except Exception as error:
        if not isinstance(error, TimeoutError):
            with suppress(Exception):  # the error that counts is the first
                await transaction.rollback()
                settled = True
        raise
    finally:
        if not settled:
            driver.terminate()


def _refuse_closed(connection: Any, *_: object) -> None:  # noqa: ANN401 - as SQLAlchemy has it
    """Have the pool open another connection for one that has been closed while it lay there."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


@lru_cache(maxsize=_STATEMENTS_KEPT)
def _positional(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return a statement as the driver wants it, and the names of its parameters in their order."""
    compiled = text(sql).compile(dialect=_DIALECT)
    return str(compiled), tuple(compiled.positiontup or ())


@lru_cache(maxsize=_STATEMENTS_KEPT)
def _columns(names: tuple[str, ...]) -> SimpleResultMetaData:
    return SimpleResultMetaData(names)


async def session_scope(request: Request) -> AsyncIterator[SqlSession]:
    """Give a route its transaction."""
    database: Database = request.app.state.runtime.database
    async with database.transaction() as db:
        yield db


async def statement_scope(request: Request) -> AsyncIterator[SqlSession]:
    """Give a route that reads by a single statement its one round trip."""
    database: Database = request.app.state.runtime.database
    async with database.one_statement() as db:
        yield db


# scope="function": the commit comes before the response leaves, so that no client is ever told
# "stored" about something a failing commit then lost.
Transaction = Annotated[SqlSession, Depends(session_scope, scope="function")]
OneStatement = Annotated[SqlSession, Depends(statement_scope, scope="function")]
