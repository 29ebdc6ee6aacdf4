"""Faults to order: a database connection that dies, or a whole process that dies or freezes."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import asyncpg

from attendance_runtime.database import Database, SqlSession

from .stage import Stage, until

_ROOT = Path(__file__).parents[4]
_MODULE = "shared.attendance_runtime.tests.messaging.stage_process"
_SUICIDE = "SELECT pg_terminate_backend(pg_backend_pid())"


@dataclass(slots=True)
class Kill:
    """How often a connection was killed."""

    times: int = 0


@contextmanager
def connection_killed_at(statement_part: str, *, times: int = 1) -> Iterator[Kill]:
    """Let PostgreSQL end the connection that is about to run a statement."""
    kill = Kill()

    fetch = asyncpg.Connection.fetch

    def instead(connection: asyncpg.Connection, sql: str, *given: Any) -> Any:
        if statement_part in sql and kill.times < times:
            kill.times += 1
            return fetch(connection, _SUICIDE)
        return fetch(connection, sql, *given)

    with patch.object(asyncpg.Connection, "fetch", instead):
        yield kill


class UnsureDatabase(Database):
    """Commits, and then reports an error for the first transactions that wrote effects."""

    unsure = 0
    wrote_effects = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlSession]:
        """Open a transaction whose commit may succeed unheard."""
        self.wrote_effects = False
        async with super().transaction() as db:
            yield db
        if self.unsure > 0 and self.wrote_effects:
            self.unsure -= 1
            raise ConnectionResetError


class GatedDatabase(Database):
    """Lets some transactions through and holds up the next until its gate is opened."""

    def __init__(self, url: str, *, passes: int, server_settings: dict[str, str]) -> None:
        super().__init__(url, server_settings=server_settings)
        self.gate = asyncio.Event()
        self.held_up = asyncio.Event()
        self._passes = passes

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlSession]:
        """Open a transaction, or wait at the gate first."""
        self._passes -= 1
        if self._passes < 0:
            self.held_up.set()
            await self.gate.wait()
        async with super().transaction() as db:
            yield db


class StageProcess:
    """A relay or consumer in a process of its own, which dies or freezes where it is told to."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def dead(self) -> None:
        """Wait until it has died."""
        await asyncio.wait_for(self._process.wait(), 20)

    async def frozen(self) -> None:
        """Wait until it has stopped itself."""
        await until(lambda: _state(self._process.pid) == "T")

    def thaw(self) -> None:
        """Let it go on as if no time had passed."""
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End it, if it still lives."""
        if self._process.returncode is None:
            self._process.kill()


def _state(pid: int) -> str:
    """Return the state that Linux gives a process: R running, S sleeping, T stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@asynccontextmanager
async def stage_process(
    part: Literal["relay", "consumer"],
    stage: Stage,
    *,
    then: Literal["die", "freeze"],
    at: str,
) -> AsyncIterator[StageProcess]:
    """Run a part of the stage in a process that dies or freezes before a statement."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _MODULE,
        part,
        stage.url,
        stage.kafka.bootstrap_servers,
        stage.topic.name,
        stage.group,
        then,
        at,
        cwd=_ROOT,
    )
    started = StageProcess(process)
    try:
        yield started
    finally:
        started.end()
        await process.wait()
