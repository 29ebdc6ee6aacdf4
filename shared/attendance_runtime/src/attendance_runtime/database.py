"""The one place that opens and commits transactions.

`commit` appears here and nowhere else (an architecture test looks): the edge opens a transaction,
everything inside it loads, decides, saves and announces, and it ends when the edge is left.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine


class Database:
    """A service's own PostgreSQL database: a connection pool, and transactions from it.

    Args:
        url: `postgresql+asyncpg://…`.
        pool_size: connections kept open; requests beyond wait for one.
        server_settings: PostgreSQL settings of every connection, time limits for instance.
    """

    def __init__(
        self, url: str, *, pool_size: int = 10, server_settings: dict[str, str] | None = None
    ) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=False,  # a dead connection shows as an error, which callers retry anyway
            connect_args={
                "server_settings": {"jit": "off"} | (server_settings or {}),
                # asyncpg cannot cancel a read that hangs on a frozen server by itself.
                "command_timeout": 30,
            },
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction: committed when left in peace, rolled back when left by an error."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session
            await session.commit()

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


async def session_scope(request: Request) -> AsyncIterator[AsyncSession]:
    """Give a route its transaction."""
    database: Database = request.app.state.runtime.database
    async with database.transaction() as session:
        yield session


# scope="function": the commit comes before the response leaves, so that no client is ever told
# "stored" about something a failing commit then lost.
Transaction = Annotated[AsyncSession, Depends(session_scope, scope="function")]
