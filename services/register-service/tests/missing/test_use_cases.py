"""Saying that a register was not taken: once a school and session, on a real database."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session, slot
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_runtime.timers import fire_due
from register_service.missing.use_cases import REGISTER_DUE, look_at_registers, plan_looks

from .looks import MONDAY, look, missing, take

# The school's registers close at 08:15 and 12:30 UTC; with the grace they are due at :20 and :35.
SchoolBuilder = Callable[..., Awaitable[Any]]
pytestmark = pytest.mark.usefixtures("clean_tables")


async def change(
    database: Database, clock: FixedClock, school_id: UUID, statement: str, **values: object
) -> None:
    """Change a school or its calendar and plan anew, as their use cases do in one transaction."""
    async with database.transaction() as db:
        await db.execute(text(statement), {"id": school_id, **values})
        await plan_looks(db, [school_id], now=clock.now())


GRACE = "UPDATE schools SET contact_grace_minutes = :minutes, version = version + 1 WHERE id = :id"
ASKED = """
    UPDATE schools SET register_missing_after_minutes = :minutes, version = version + 1
    WHERE id = :id
"""
SLOTS = """
    UPDATE calendars SET slots = CAST(:slots AS smallint[]), version = version + 1
    WHERE school_id = :id
"""


async def test_a_register_that_was_not_taken_is_announced_once(
    database: Database, clock: FixedClock, school: Any
) -> None:
    await look(database, clock, "08:19")
    assert await missing(database) == []

    await look(database, clock, "08:20")
    await look(database, clock, "08:21")

    assert await missing(database) == ["2026-09-07 AM"]


async def test_a_register_with_a_single_mark_has_been_taken(
    database: Database, clock: FixedClock, school: Any
) -> None:
    await take(database, clock, school, Session.AM)

    await look(database, clock, "12:35")

    assert await missing(database) == ["2026-09-07 PM"]


async def test_a_register_of_no_marks_has_not_been_taken(
    database: Database, clock: FixedClock, school: Any
) -> None:
    await take(database, clock, school, Session.AM, mis_ids=())

    await look(database, clock, "08:20")

    assert await missing(database) == ["2026-09-07 AM"]


async def test_a_school_without_children_misses_no_register(
    database: Database, clock: FixedClock, school: Any
) -> None:
    async with database.transaction() as db:
        await db.execute(text("UPDATE enrolments SET ends_on = '2026-09-04'"))

    await look(database, clock, "08:20")

    assert await missing(database) == []


async def test_a_mark_of_a_child_who_has_left_takes_no_register(
    database: Database, clock: FixedClock, school: Any
) -> None:
    await take(database, clock, school, Session.AM)
    async with database.transaction() as db:
        await db.execute(
            text("UPDATE enrolments SET ends_on = '2026-09-04' WHERE id = :id"),
            {"id": school.enrolments[0]},
        )

    await look(database, clock, "08:20")

    assert await missing(database) == ["2026-09-07 AM"]


async def test_each_session_is_followed_by_the_next_over_weekends_to_the_calendars_end(
    database: Database, clock: FixedClock, school: Any
) -> None:
    """Also everything that was due while no worker was up, in order and once each."""
    await look(database, clock, "23:00", date(2026, 10, 31))

    announced = await missing(database)

    assert announced[:2] == ["2026-09-07 AM", "2026-09-07 PM"]
    assert announced[9:11] == ["2026-09-11 PM", "2026-09-14 AM"]
    assert announced[-1] == "2026-09-30 PM"
    assert len(announced) == len(set(announced)) == 36
    async with database.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM timers")) == 0


async def test_two_workers_at_once_announce_each_school_once(
    database: Database, clock: FixedClock, a_school: SchoolBuilder
) -> None:
    async with database.transaction() as db:
        schools = [await a_school(db, urn=str(100001 + n), pupils=1) for n in range(12)]
        await plan_looks(db, [school.id for school in schools], now=clock.now())
    clock.set("2026-09-07T08:20:00Z")

    await asyncio.gather(
        *(fire_due(database, clock, REGISTER_DUE, look_at_registers, limit=5) for _ in range(4))
    )
    await look(database, clock, "08:20")

    assert await missing(database) == ["2026-09-07 AM"] * 12


async def test_a_clock_that_jumps_back_announces_nothing_twice(
    database: Database, clock: FixedClock, school: Any
) -> None:
    await look(database, clock, "08:20")

    clock.advance(-timedelta(seconds=2))
    await change(database, clock, school.id, GRACE, minutes=5)
    await look(database, clock, "08:25")

    assert await missing(database) == ["2026-09-07 AM"]


@pytest.mark.parametrize(
    ("minutes", "before", "at"),
    [(30, "08:44", "08:45"), (0, "08:14", "08:15")],
    ids=["longer", "shorter"],
)
async def test_a_changed_grace_moves_the_look(
    *, database: Database, clock: FixedClock, school: Any, minutes: int, before: str, at: str
) -> None:
    await change(database, clock, school.id, GRACE, minutes=minutes)

    await look(database, clock, before)
    assert await missing(database) == []
    await look(database, clock, at)
    assert await missing(database) == ["2026-09-07 AM"]


async def test_a_grace_shortened_past_its_end_loses_no_session(
    database: Database, clock: FixedClock, school: Any
) -> None:
    clock.set("2026-09-07T08:18:00Z")
    await change(database, clock, school.id, GRACE, minutes=0)

    await look(database, clock, "08:18")

    assert await missing(database) == ["2026-09-07 AM"]


async def test_a_grace_lengthened_after_the_look_announces_nothing_twice(
    database: Database, clock: FixedClock, school: Any
) -> None:
    await look(database, clock, "08:20")
    await change(database, clock, school.id, GRACE, minutes=30)

    await look(database, clock, "08:45")

    assert await missing(database) == ["2026-09-07 AM"]


async def test_a_time_of_the_schools_own_moves_the_look_and_not_the_grace(
    database: Database, clock: FixedClock, school: Any
) -> None:
    await change(database, clock, school.id, ASKED, minutes=45)

    await look(database, clock, "08:59")
    assert await missing(database) == []
    await look(database, clock, "09:00")
    assert await missing(database) == ["2026-09-07 AM"]


async def test_settings_changed_while_no_worker_was_up_lose_no_session(
    database: Database, clock: FixedClock, school: Any
) -> None:
    clock.set("2026-09-08T07:00:00Z")
    await change(database, clock, school.id, GRACE, minutes=10)

    await look(database, clock, "07:00", MONDAY + timedelta(days=1))

    assert await missing(database) == ["2026-09-07 AM", "2026-09-07 PM"]


async def test_a_closed_session_is_not_looked_at_and_one_put_in_is(
    database: Database, clock: FixedClock, school: Any
) -> None:
    tuesday = MONDAY + timedelta(days=1)
    await change(database, clock, school.id, SLOTS, slots=[slot(tuesday, Session.AM)])
    await look(database, clock, "08:20")
    assert await missing(database) == []

    slots = [slot(MONDAY, Session.PM), slot(tuesday, Session.AM)]
    await change(database, clock, school.id, SLOTS, slots=slots)
    await look(database, clock, "08:20", tuesday)

    assert await missing(database) == ["2026-09-07 PM", "2026-09-08 AM"]


async def test_a_calendar_sent_in_the_middle_of_a_day_speaks_of_what_is_ahead(
    database: Database, clock: FixedClock, a_school: SchoolBuilder
) -> None:
    clock.set("2026-09-07T10:00:00Z")
    async with database.transaction() as db:
        school = await a_school(db)
        await plan_looks(db, [school.id], now=clock.now())

    await look(database, clock, "12:35")

    assert await missing(database) == ["2026-09-07 PM"]


async def test_a_timer_of_an_older_version_says_nothing_and_is_planned_anew(
    database: Database, clock: FixedClock, school: Any
) -> None:
    """As after a change by hand, which plans nothing: the timer still says 08:20."""
    async with database.transaction() as db:
        await db.execute(text(GRACE), {"id": school.id, "minutes": 30})

    await look(database, clock, "08:20")
    assert await missing(database) == []
    await look(database, clock, "08:45")

    assert await missing(database) == ["2026-09-07 AM"]


async def test_the_announcement_tells_when_it_was_noticed(
    database: Database, clock: FixedClock, school: Any
) -> None:
    await look(database, clock, "08:22")

    async with database.transaction() as db:
        [payload] = await db.scalars(text("SELECT payload FROM outbox"))

    body = json.loads(payload)
    assert UUID(body["school_id"]) == school.id
    assert datetime.fromisoformat(body["recorded_at"]) == clock.now()
