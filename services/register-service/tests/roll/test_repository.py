"""Two requests at once about the same children: one is kept, the other is told to come again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from attendance_contracts.identifiers import make_upn
from attendance_runtime.access import Principal
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.errors import Unavailable
from register_service.imports.domain import Entry
from register_service.imports.repository import save_identities, take_upns
from register_service.lines.domain import State
from register_service.roll.domain import Identity
from register_service.schools.domain import School
from register_service.schools.repository import save_schools

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
UPN = make_upn(332, 2000, 21, 1)
MIS = Principal("mis-1", "supplier:example-mis", frozenset())
AVERY = Identity(
    forename="Avery",
    surname="Example",
    date_of_birth=date(2017, 5, 4),
    sex=None,
    confidential_by=None,
    revision=1,
)

Save = Callable[[SqlSession], Awaitable[None]]

pytestmark = pytest.mark.usefixtures("clean_tables")


async def second_of_two(database: Database, first: Save, second: Save) -> None:
    """Run the second request while the first, which came earlier, is not yet committed."""

    async def run_second() -> None:
        async with database.transaction() as db:
            await second(db)

    async with database.transaction() as db:
        await first(db)
        waiting = asyncio.create_task(run_second())
        await asyncio.wait([waiting], timeout=0.2)
    await waiting


async def test_of_two_schools_that_bring_one_new_child_the_second_waits_for_the_first(
    database: Database,
) -> None:
    """Otherwise neither sees the other, and the child is two without anybody being asked."""
    order: list[str] = []

    def taking(name: str) -> Save:
        async def take(db: SqlSession) -> None:
            await take_upns(db, uuid7(), {UPN}, source="supplier:example-mis", today=TODAY)
            order.append(f"{name} has it")

        return take

    async with database.transaction() as db:
        await taking("first")(db)
        second = asyncio.create_task(_alone(database, taking("second")))
        await asyncio.wait([second], timeout=0.2)
        order.append("first is done")
    await second
    assert order == ["first has it", "first is done", "second has it"]


async def _alone(database: Database, work: Save) -> None:
    async with database.transaction() as db:
        await work(db)


async def test_an_identity_changed_meanwhile_is_not_overwritten(
    database: Database, a_school: Callable[..., Awaitable[Any]]
) -> None:
    async with database.transaction() as db:
        school = await a_school(db, pupils=1)
    [enrolment] = school.enrolments

    def saving(**change: str) -> Save:
        entry = Entry(
            number=1,
            state=State.CHANGED,
            upn=UPN,
            enrolment_id=enrolment,
            identity=replace(AVERY, revision=2, **change),  # type: ignore[arg-type] # names alone
        )

        async def save(db: SqlSession) -> None:
            await save_identities(db, [entry], MIS, now=NOW)

        return save

    with pytest.raises(Unavailable):
        await second_of_two(database, saving(forename="Robin"), saving(surname="Sample"))


async def test_two_requests_that_create_one_school_do_not_make_two_of_it(
    database: Database,
) -> None:
    school = School(
        id=uuid7(),
        urn="100001",
        name="Example Primary School",
        phase="primary",
        authority_code="332",
        am_starts_at=time(8, 50),
        pm_starts_at=time(13, 0),
        register_open_minutes=30,
        version=1,
    )
    with pytest.raises(Unavailable):
        await second_of_two(
            database,
            lambda db: save_schools(db, [school]),
            lambda db: save_schools(db, [replace(school, id=uuid7())]),
        )
