"""The relations that `access` asks: what an event makes of them, and what an older one must not."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from attendance_contracts.events import CareChanged
from attendance_runtime import access
from attendance_runtime.access import Principal, relations, rights
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.tables import runtime_metadata
from attendance_testing.databases import rolled_back
from attendance_testing.facts import a_school, allocated

TODAY = dt.date(2026, 9, 7)
SCHOOL = a_school(urn="100001", version=3)


@pytest.fixture(scope="module")
async def database(runtime_database: Database) -> Database:
    async with runtime_database.engine.begin() as connection:
        await connection.run_sync(runtime_metadata.create_all)
    return runtime_database


@pytest.fixture
async def db(database: Database) -> AsyncIterator[SqlSession]:
    async with rolled_back(database.transaction()) as db:
        yield db


async def holders(db: SqlSession) -> set[str]:
    return set(
        await db.scalars(
            text("SELECT holder FROM reach WHERE object_id = :id"), {"id": SCHOOL.school_id}
        )
    )


async def test_a_school_is_held_by_those_that_it_names(db: SqlSession) -> None:
    everyone = replace(SCHOOL, trust="north", mis_supplier="wonde")
    await relations.apply_schools(db, [everyone])
    assert await holders(db) == {
        "school:100001",
        "supplier:wonde",
        "trust:north",
        "authority:332",
    }


@pytest.mark.parametrize("nobody", [None, ""])
async def test_nobody_holds_what_is_nobodys(db: SqlSession, nobody: str | None) -> None:
    await relations.apply_schools(db, [replace(SCHOOL, mis_supplier=nobody, trust=nobody)])
    assert await holders(db) == {"school:100001", "authority:332"}


@pytest.mark.parametrize("name", ["None", "north:None", "academies:None"])
async def test_a_name_may_end_like_the_word_for_nothing(db: SqlSession, name: str) -> None:
    await relations.apply_schools(db, [replace(SCHOOL, mis_supplier=name)])
    assert f"supplier:{name}" in await holders(db)


async def test_an_older_school_restores_nothing(db: SqlSession) -> None:
    await relations.apply_schools(db, [replace(SCHOOL, authority_code="908")])
    await relations.apply_schools(db, [replace(SCHOOL, version=2)])
    assert "authority:908" in await holders(db)
    assert "authority:332" not in await holders(db)


async def test_the_newest_of_a_batch_counts_in_whichever_order(db: SqlSession) -> None:
    newer = replace(SCHOOL, authority_code="908", version=4)
    await relations.apply_schools(db, [newer, SCHOOL])
    assert await holders(db) == {"school:100001", "authority:908"}


async def test_the_same_version_again_mends(db: SqlSession) -> None:
    await relations.apply_schools(db, [SCHOOL])
    await db.execute(text("DELETE FROM reach"))
    await relations.apply_schools(db, [SCHOOL])
    assert await holders(db) == {"school:100001", "authority:332"}


async def test_an_older_allocation_does_not_come_back(db: SqlSession) -> None:
    """It had ended without any other: there is no row left that would remember."""
    worker = Principal("worker-1", "social-care:332", frozenset())
    child_id = uuid7()
    care = allocated(child_id, "worker-1", valid_from=TODAY)
    for event in (care, CareChanged(child_id=child_id, statuses=(), version=2), care):
        await relations.apply_care(db, [event])
    reached = await access.objects_reached(
        db, worker, rights.CHILD_READ, objects=[child_id], today=TODAY
    )
    assert reached == frozenset()
