"""The worker's own task, as the process runs it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.serving import runtime_for
from attendance_testing.tokens import TokenIssuer
from register_service.main import SERVICE
from register_service.missing.use_cases import plan_looks

_WITHIN_SECONDS = 10


@pytest.mark.usefixtures("clean_tables")
async def test_a_worker_announces_what_becomes_missing_and_stops_when_told(
    database: Database, a_school: Callable[..., Awaitable[Any]], issuer: TokenIssuer
) -> None:
    clock = FixedClock("2026-09-07T08:19:59Z")
    runtime = runtime_for(SERVICE, database, clock, issuer)
    stopping = asyncio.Event()
    async with database.transaction() as db:
        school = await a_school(db)
        await plan_looks(db, [school.id], now=clock.now())

    async def announced() -> list[str]:
        async with database.transaction() as db:
            return list(await db.scalars(text("SELECT type FROM outbox")))

    async with asyncio.timeout(_WITHIN_SECONDS), asyncio.TaskGroup() as group:
        for task in SERVICE.tasks:
            group.create_task(task(runtime, stopping))
        assert await announced() == []
        clock.set("2026-09-07T08:20:00Z")
        while not await announced():  # noqa: ASYNC110 - the worker decides when
            await asyncio.sleep(0.02)
        stopping.set()

    assert await announced() == ["uk.firstday.register.missing.v1"]
