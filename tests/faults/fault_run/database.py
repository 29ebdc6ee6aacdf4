"""PostgreSQL: connections cut, statements stopped, commits that fail, locks that cross."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Final

import asyncpg

from fault_run.faults import fault
from fault_run.stage import SERVICES, Stage, until
from fault_run.traps import trap

_SECONDS: Final = 6.0
_LOCKED_SECONDS: Final = 12.0
"""Longer than a worker waits for a lock (10 s), and an API (5 s)."""
_STATEMENT_SECONDS: Final = 22.0
"""Longer than a statement may take (20 s)."""
_AT_COMMIT: Final = "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
_NO_ROOM: Final = "IF random() < 0.4 THEN RAISE 'no room' USING ERRCODE = '53100'; END IF;"
_CUT: Final = "IF random() < 0.3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
_TO_THE_SERVICES: Final = "FROM pg_stat_activity WHERE datname = ANY($1)"
_CUT_OFF: Final = f"SELECT pg_terminate_backend(pid) {_TO_THE_SERVICES}"
_STOP: Final = f"SELECT pg_cancel_backend(pid) {_TO_THE_SERVICES}"


async def _again_and_again(stage: Stage, statement: str) -> None:
    """Do something to the services' sessions twenty times a second for a while."""
    over = time.monotonic() + _SECONDS
    met = 0
    connection = await asyncpg.connect(_server(stage))
    try:
        while time.monotonic() < over:
            met += len(await connection.fetch(statement, list(SERVICES)))
            await asyncio.sleep(0.05)
    finally:
        await connection.close()
    stage.met("sessions met", met)


def _server(stage: Stage) -> str:
    """Return the address of the server's own database, which no service uses."""
    url: str = json.loads(stage.stack_file.read_text())["postgres"]["url"]
    return url


@fault("database", "connections are cut in mid-transaction", short=True)
async def cut_connections(stage: Stage) -> None:
    """Whoever has a transaction open loses the connection."""
    await _again_and_again(stage, _CUT_OFF + " AND xact_start IS NOT NULL")


@fault("database", "statements are stopped as by a time-out")
async def stop_statements(stage: Stage) -> None:
    """The server answers 57014, as it does when `statement_timeout` is over."""
    await _again_and_again(stage, _STOP + " AND state = 'active'")


@fault("database", "a statement takes longer than it may")
async def exceed_statement_timeout(stage: Stage) -> None:
    """One child's mark takes half a minute to write; the other classes must not suffer."""
    pupil = stage.chance.choice(stage.town.taught[0].of_class("1A"))
    when = "BEFORE INSERT OR UPDATE ON marks FOR EACH ROW "
    slow = f"WHEN (NEW.enrolment_id = '{pupil.enrolment_id}')"
    async with stage.database("register") as database:
        async with trap(database, when + slow, "PERFORM pg_sleep(30);"):
            await asyncio.sleep(_STATEMENT_SECONDS)
        await database.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        )


@fault("database", "no connection is accepted")
async def refuse_connections(stage: Stage) -> None:
    """All sessions end and no new one begins: nothing can be kept, and everybody must say so."""
    connection = await asyncpg.connect(_server(stage))
    try:
        for service in SERVICES:
            await connection.execute(f"ALTER DATABASE {service} ALLOW_CONNECTIONS false")
        await connection.execute(_CUT_OFF, list(SERVICES))
        await asyncio.sleep(1)
        await stage.says_unready("")
        await asyncio.sleep(_SECONDS)
    finally:
        for service in SERVICES:
            await connection.execute(f"ALTER DATABASE {service} ALLOW_CONNECTIONS true")
        await connection.close()


@fault("database", "the server does not answer")
async def freeze_server(stage: Stage) -> None:
    """The server and all its backends stand still, connections open."""
    with stage.frozen("postgres"):
        await stage.says_unready("")
        await asyncio.sleep(_SECONDS)


def _commits_fail(path: str, how: str, body: str, *, short: bool = False) -> None:
    @fault("database", f"commits of {path} {how}", short=short)
    async def commits_fail(stage: Stage) -> None:
        accepting = path == "the register"
        service = "register" if accepting else stage.chance.choice(SERVICES[1:])
        event = "INSERT ON outbox" if accepting else "UPDATE ON consumer_offset"
        stage.notes["service"] = service
        async with (
            stage.database(service) as database,
            trap(database, f"AFTER {event} {_AT_COMMIT}", body),
        ):
            await asyncio.sleep(_SECONDS)


_commits_fail("the register", "fail", _NO_ROOM, short=True)
_commits_fail("a consumer", "fail", _NO_ROOM)
_commits_fail("the register", "are cut off", _CUT)
_commits_fail("a consumer", "are cut off", _CUT)


@fault("database", "somebody else holds the rows")
async def hold_rows(stage: Stage) -> None:
    """Marks of the day, and one consumer's offsets, are locked for longer than anybody waits."""
    enrolments = [pupil.enrolment_id for pupil in stage.town.taught[0].pupils]
    async with (
        stage.database("register") as register,
        stage.database("reporting") as reporting,
        register.transaction(),
        reporting.transaction(),
    ):
        await register.execute(
            "SELECT FROM marks WHERE enrolment_id = ANY($1) AND date = $2 FOR UPDATE",
            enrolments,
            stage.day.day,
        )
        await reporting.execute("SELECT FROM consumer_offset FOR UPDATE")
        await asyncio.sleep(_LOCKED_SECONDS)


@fault("database", "two transactions wait for each other")
async def deadlock(stage: Stage) -> None:
    """A register and a stranger lock two marks crosswise; the server ends one of the two."""
    pupils = stage.town.taught[0].of_class("1A")
    met = 0
    over = time.monotonic() + _SECONDS
    while time.monotonic() < over:
        met += await _cross(stage, [pupil.enrolment_id for pupil in pupils])
    stage.met("deadlocks", met)


async def _cross(stage: Stage, enrolments: list[Any]) -> bool:
    """Lock the class's last mark, wait for a register to wait for it, then ask for its first."""
    lock = "SELECT FROM marks WHERE enrolment_id = $1 AND date = $2 AND session = 'AM' FOR UPDATE"
    first, last = min(enrolments, key=str), max(enrolments, key=str)
    async with stage.database("register") as database:
        before = await _deadlocks(database)
        try:
            async with database.transaction():
                await database.execute(lock, last, stage.day.day)
                await until(_somebody_waits_for(database), within_seconds=_SECONDS)
                await database.execute(lock, first, stage.day.day)
        except (asyncpg.DeadlockDetectedError, TimeoutError):
            return True
        await asyncio.sleep(0.1)
        return await _deadlocks(database) > before


def _somebody_waits_for(database: asyncpg.Connection) -> Callable[[], Any]:
    async def look() -> Any:
        return await database.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )

    return look


async def _deadlocks(database: asyncpg.Connection) -> int:
    await database.execute("SELECT pg_stat_clear_snapshot()")
    found: int = await database.fetchval(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    return found
