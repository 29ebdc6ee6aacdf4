"""A new list while settings are being written."""

import asyncio
from datetime import UTC, datetime, time

from sqlalchemy import text

from attendance_runtime.access import Principal
from attendance_runtime.database import Database
from register_service.administration.use_cases import load_list
from register_service.establishments.domain import Establishment
from register_service.lines.domain import State
from register_service.schools.domain import SchoolSettings
from register_service.schools.use_cases import put_school

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LISTED = Establishment(urn="100001", authority_code="332", name="Heron Way Primary School")
MOVED = Establishment(urn="100001", authority_code="333", name="Heron Way Primary School")
AUTHORITY = Principal("officer-1", "authority:332", frozenset({"school.write"}))
SETTINGS = SchoolSettings(
    urn="100001",
    name="Heron Way Primary School",
    phase="primary",
    authority_code="332",
    am_starts_at=time(8, 50),
    pm_starts_at=time(13, 0),
    register_open_minutes=30,
)


async def load(database: Database, line: Establishment) -> State:
    async with database.transaction() as db:
        [decision] = await load_list(db, {1: line}, now=NOW)
    return decision.state


async def test_a_school_set_up_while_a_list_moves_it_moves_too(
    database: Database, clean_tables: None
) -> None:
    """The list waits for the settings: otherwise the school would stay with its old authority."""
    await load(database, LISTED)
    async with database.transaction() as db:
        await put_school(db, AUTHORITY, SETTINGS, now=NOW)
        moving = asyncio.create_task(load(database, MOVED))
        await asyncio.wait({moving}, timeout=0.3)
        assert not moving.done()
    assert await moving is State.CHANGED
    async with database.transaction() as db:
        kept = await db.execute(text("SELECT authority_code, version FROM schools"))
        held = await db.scalars(text("SELECT holder FROM reach WHERE relation = 'area'"))
    assert kept.all() == [("333", 2)]
    assert held.all() == ["authority:333"]
