"""Who reaches what: dated relations, asked of one object or of many."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from functools import partial
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from attendance_runtime import access
from attendance_runtime.access import Principal, relations, rights
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.errors import NotFound
from attendance_runtime.tables import runtime_metadata
from attendance_testing.databases import rolled_back
from attendance_testing.facts import allocated

MONDAY, SUNDAY = date(2026, 9, 7), date(2026, 9, 13)
MINE, ENDED, LATER, ANOTHERS = (uuid7() for _ in range(4))
EVERYONE = [MINE, ENDED, LATER, ANOTHERS]
WORKER = Principal("worker-1", "authority:332", frozenset({"child.read"}))
STRANGER = Principal("worker-9", "authority:999", frozenset({"child.read"}))


@pytest.fixture(scope="module")
async def database(runtime_database: Database) -> Database:
    async with runtime_database.engine.begin() as connection:
        await connection.run_sync(runtime_metadata.create_all)
    return runtime_database


@pytest.fixture
async def db(database: Database) -> AsyncIterator[SqlSession]:
    async with rolled_back(database.transaction()) as db:
        of_301 = partial(allocated, authority_code="301")  # another than the worker's own
        events = [
            of_301(MINE, "worker-1", valid_from=MONDAY),
            of_301(ENDED, "worker-1", valid_from=MONDAY, valid_to=MONDAY),
            of_301(LATER, "worker-1", valid_from=SUNDAY),
            of_301(ANOTHERS, "worker-2", valid_from=MONDAY),
        ]
        await relations.apply_care(db, events)
        yield db


@pytest.mark.parametrize(
    ("today", "reached"),
    [
        (date(2026, 9, 6), set()),
        (MONDAY, {MINE, ENDED}),
        (date(2026, 9, 8), {MINE}),
        (SUNDAY, {MINE, LATER}),
    ],
    ids=["the day before", "first and last day", "the day after the last", "a later first day"],
)
async def test_a_worker_reaches_the_children_allocated_on_the_day(
    db: SqlSession, today: date, reached: set[UUID]
) -> None:
    found = await access.objects_reached(
        db, WORKER, rights.CHILD_READ, objects=EVERYONE, today=today
    )
    assert found == reached
    every = await access.every_object_reached(db, WORKER, rights.CHILD_READ, today=today)
    assert every == reached


async def test_a_relation_opens_only_the_actions_that_name_it(db: SqlSession) -> None:
    found = await access.objects_reached(
        db, WORKER, rights.REGISTER_READ, objects=EVERYONE, today=MONDAY
    )
    assert found == frozenset()


async def test_nothing_is_reached_of_nothing(db: SqlSession) -> None:
    found = await access.objects_reached(db, WORKER, rights.CHILD_READ, objects=[], today=MONDAY)
    assert found == frozenset()


async def test_one_object_reached_lets_a_caller_pass(db: SqlSession) -> None:
    await access.require(db, WORKER, rights.CHILD_READ, objects=EVERYONE, today=MONDAY)


async def test_an_id_spelt_like_somebody_elses_opens_nothing(db: SqlSession) -> None:
    """What is allocated is held by the person, the rest by the organisation; names may coincide."""
    right = rights.CHILD_READ
    for subject, organisation in (("authority:301", "nobody"), ("somebody", "worker-1")):
        impostor = Principal(subject, organisation, frozenset({right.scope}))
        found = await access.objects_reached(db, impostor, right, objects=EVERYONE, today=MONDAY)
        assert found == frozenset()
        assert not await access.every_object_reached(db, impostor, right, today=MONDAY)
        asked = [(impostor, child) for child in EVERYONE]
        assert not await access.reached_by_each(db, asked, right, today=MONDAY)


@pytest.mark.parametrize(
    ("principal", "objects"),
    [(WORKER, [ANOTHERS]), (STRANGER, EVERYONE), (WORKER, [uuid7()])],
    ids=["another's child", "a stranger", "no such child"],
)
async def test_forbidden_and_unknown_look_the_same(
    db: SqlSession, principal: Principal, objects: list[UUID]
) -> None:
    with pytest.raises(NotFound, match="nothing here that this token may see"):
        await access.require(db, principal, rights.CHILD_READ, objects=objects, today=MONDAY)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-06-30T22:59:59+00:00", date(2026, 6, 30)),
        ("2026-06-30T23:00:00+00:00", date(2026, 7, 1)),
        ("2026-12-31T23:59:59+00:00", date(2026, 12, 31)),
    ],
    ids=["summer's last second", "summer's midnight", "winter"],
)
def test_relations_begin_and_end_by_englands_date(moment: str, day: date) -> None:
    """In summer the day in London begins an hour before UTC's."""
    assert access.today(datetime.fromisoformat(moment)) == day
