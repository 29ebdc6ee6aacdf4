"""Sessions that marks are planned for, as timers."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.counting import SchoolHours, SessionAhead
from attendance_contracts.events import SchoolChanged
from attendance_runtime.copies.beginnings import (
    SESSION_BEGINS,
    await_sessions,
    move_sessions,
    sessions_of,
)
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.tables import runtime_metadata
from attendance_runtime.timers import lock_timers
from attendance_testing.databases import created_database

HERON, OWL = UUID(int=1), UUID(int=2)
AHEAD = [
    SessionAhead(HERON, date(2026, 10, 23), Session.AM),
    SessionAhead(HERON, date(2026, 10, 26), Session.PM),
    SessionAhead(OWL, date(2026, 10, 23), Session.AM),
]
HOURS = SchoolHours(time(8, 50), time(13, 0))
LATER = SchoolChanged(
    school_id=HERON,
    urn="100001",
    name="Heron Way",
    phase="primary",
    authority_code="332",
    trust=None,
    mis_supplier=None,
    am_starts_at=time(9, 15),
    pm_starts_at=time(13, 30),
    register_open_minutes=30,
    contact_grace_minutes=5,
    hours_per_day=6.5,
    contact_codes=("N",),
    attendance_lead=None,
    version=2,
)


async def awaited(db: SqlSession) -> dict[SessionAhead, datetime]:
    subjects = list(await db.scalars(text("SELECT subject FROM timers ORDER BY subject")))
    timers = list((await lock_timers(db, SESSION_BEGINS, subjects)).values())
    return dict(zip(sessions_of(timers), (timer.due_at for timer in timers), strict=True))


@pytest.fixture(scope="module")
async def database(postgres_url: str) -> AsyncIterator[Database]:
    async with created_database(postgres_url, "test_beginnings") as url:
        database = Database(url, pool_size=2)
        async with database.engine.begin() as connection:
            await connection.run_sync(
                runtime_metadata.create_all, [runtime_metadata.tables["timers"]]
            )
        yield database
        await database.dispose()


@pytest.fixture
async def begins(database: Database) -> dict[SessionAhead, datetime]:
    """Three sessions of two schools, on both sides of the clocks' change."""
    begins = {one: HOURS.begins_at(one.day, one.session) for one in AHEAD}
    async with database.transaction() as db:
        await db.execute(text("DELETE FROM timers"))
        await await_sessions(db, begins)
    return begins


async def test_a_session_is_awaited_once_and_read_back_as_it_was_said(
    database: Database, begins: dict[SessionAhead, datetime]
) -> None:
    async with database.transaction() as db:
        await await_sessions(db, begins)

        assert await awaited(db) == begins


async def test_other_hours_move_the_sessions_of_their_school_alone(
    database: Database, begins: dict[SessionAhead, datetime]
) -> None:
    async with database.transaction() as db:
        await move_sessions(db, [LATER])

        assert await awaited(db) == begins | {
            AHEAD[0]: datetime(2026, 10, 23, 8, 15, tzinfo=UTC),
            AHEAD[1]: datetime(2026, 10, 26, 13, 30, tzinfo=UTC),
        }


async def test_a_timer_that_somebody_acts_on_is_left_to_them(
    database: Database, begins: dict[SessionAhead, datetime]
) -> None:
    """They wait for the school's turn, which whoever moves has; to wait for them is a circle."""
    async with database.transaction() as acting:
        await acting.execute(text("SELECT subject FROM timers FOR UPDATE"))
        async with database.transaction() as db:
            await move_sessions(db, [LATER])

    async with database.transaction() as db:
        assert await awaited(db) == begins
