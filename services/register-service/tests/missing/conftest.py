"""A school whose registers are looked at, before its day begins."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from register_service.missing.use_cases import plan_looks

SchoolBuilder = Callable[..., Awaitable[Any]]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock("2026-09-07T07:00:00Z")


@pytest.fixture
async def school(database: Database, a_school: SchoolBuilder, clock: FixedClock) -> Any:
    async with database.transaction() as db:
        school = await a_school(db)
        await plan_looks(db, [school.id], now=clock.now())
    return school
