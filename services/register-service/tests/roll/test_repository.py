"""Two requests at once about the same children: one is kept, the other is told to come again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, time

import pytest
from uuid_utils.compat import uuid7

from attendance_contracts.identifiers import make_upn
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.errors import Unavailable
from register_service.imports.repository import save_children
from register_service.roll.domain import Child
from register_service.schools.domain import School
from register_service.schools.repository import save_schools

TODAY = date(2026, 11, 20)
UPN = make_upn(332, 2000, 21, 1)

Save = Callable[[SqlSession], Awaitable[None]]

pytestmark = pytest.mark.usefixtures("clean_tables")


def a_child() -> Child:
    return Child(
        id=uuid7(),
        forename="Avery",
        surname="Example",
        date_of_birth=date(2017, 5, 4),
        confidential_address=False,
        version=1,
    )


def saving(child: Child) -> Save:
    async def save(session: SqlSession) -> None:
        await save_children(session, {UPN: child}, source="supplier:example-mis", today=TODAY)

    return save


async def second_of_two(database: Database, first: Save, second: Save) -> None:
    """Run the second request while the first, which came earlier, is not yet committed."""

    async def run_second() -> None:
        async with database.transaction() as session:
            await second(session)

    async with database.transaction() as session:
        await first(session)
        waiting = asyncio.create_task(run_second())
        await asyncio.wait([waiting], timeout=0.2)
    await waiting


async def test_two_schools_that_bring_one_new_child_do_not_make_two_of_it(
    database: Database,
) -> None:
    with pytest.raises(Unavailable):
        await second_of_two(database, saving(a_child()), saving(a_child()))


async def test_a_child_changed_meanwhile_is_not_overwritten(database: Database) -> None:
    child = a_child()
    async with database.transaction() as session:
        await saving(child)(session)
    with pytest.raises(Unavailable):
        await second_of_two(
            database,
            saving(replace(child, forename="Robin", version=2)),
            saving(replace(child, surname="Sample", version=2)),
        )


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
            lambda session: save_schools(session, [school]),
            lambda session: save_schools(session, [replace(school, id=uuid7())]),
        )
