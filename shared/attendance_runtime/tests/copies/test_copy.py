"""A copy holds the newest version of each thing, in whatever order and however often told."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Date,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as ID

from attendance_contracts.events import CareStatus
from attendance_runtime.copies import Copy
from attendance_runtime.database import Database, SqlSession
from attendance_testing.counting import statements
from attendance_testing.databases import rolled_back

HERON, OWL = UUID(int=1), UUID(int=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class NestChanged:
    """What is told of a bird's nest in a year: a value of each type that a copy keeps."""

    bird_id: UUID
    year: int = 2026
    tree: str = "oak"
    built_on: dt.date = dt.date(2026, 3, 1)
    left_on: dt.date | None = None
    wakes_at: dt.time = dt.time(5, 30)
    height: float = 6.3333
    eggs: tuple[int, ...] = (3, 1, 2)
    keepers: tuple[CareStatus, ...] = ()
    unkept: str = "not among the columns"
    version: int = 1


METADATA = MetaData()
NESTS: Final = Table(
    "nests",
    METADATA,
    Column("id", ID(as_uuid=True), primary_key=True),
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("tree", Text, nullable=False),
    Column("built_on", Date, nullable=False),
    Column("left_on", Date),
    Column("wakes_at", Time, nullable=False),
    Column("height", Numeric(6, 4), nullable=False),
    Column("eggs", ARRAY(SmallInteger), nullable=False),
    Column("keepers", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
)
COPY = Copy(
    NESTS,
    of=NestChanged,
    key=("bird_id", "year"),
    columns={"eggs": lambda nest: sorted(nest.eggs)},
)
KEEPER = CareStatus(
    kind="warden",
    authority_code="332",
    worker=None,
    team="north",
    valid_from=dt.date.min,
    valid_to=dt.date.max,
)


@pytest.fixture(scope="module")
async def database(runtime_database: Database) -> Database:
    async with runtime_database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    return runtime_database


@pytest.fixture
async def db(database: Database) -> AsyncIterator[SqlSession]:
    async with rolled_back(database.transaction()) as db:
        yield db


async def stands(db: SqlSession) -> dict[tuple[UUID, int], tuple[str, int]]:
    """What the copy holds: each nest's tree, and the version."""
    found = await db.execute(text("SELECT id, year, tree, version FROM nests"))
    return {(row.id, row.year): (row.tree, row.version) for row in found}


async def test_each_column_holds_what_the_event_says_in_its_own_type(db: SqlSession) -> None:
    nest = NestChanged(bird_id=HERON, tree='"oak", {ash}\\ — 樫', keepers=(KEEPER,))

    await COPY.keep(db, [nest])

    found = await db.execute(text("SELECT *, CAST(keepers AS text) AS said FROM nests"))
    row = found.one()
    assert (row.id, row.year, row.tree) == (HERON, 2026, nest.tree)
    assert (row.built_on, row.left_on, row.wakes_at) == (nest.built_on, None, nest.wakes_at)
    assert (str(row.height), list(row.eggs)) == ("6.3333", [1, 2, 3])
    assert '"valid_from": "0001-01-01"' in row.said
    assert '"worker": null' in row.said


async def test_an_older_event_overwrites_nothing_and_is_no_news(db: SqlSession) -> None:
    older = NestChanged(bird_id=HERON)
    newer = replace(older, tree="elm", version=2)
    await COPY.keep(db, [newer])

    kept = await COPY.keep(db, [older])

    assert kept.newer == []
    assert await stands(db) == {(HERON, 2026): ("elm", 2)}


async def test_of_two_versions_in_one_batch_the_newer_stands_alone(db: SqlSession) -> None:
    older = NestChanged(bird_id=HERON)
    newer = replace(older, tree="elm", version=2)

    kept = await COPY.keep(db, [newer, older])

    assert kept.newer == [newer]
    assert kept.changes[0].before is None
    assert await stands(db) == {(HERON, 2026): ("elm", 2)}


async def test_a_batch_is_one_statement_and_answers_in_the_order_of_the_keys(
    db: SqlSession,
) -> None:
    told = [
        NestChanged(bird_id=OWL),
        NestChanged(bird_id=HERON, year=2027),
        NestChanged(bird_id=HERON),
    ]
    with statements() as sent:
        kept = await COPY.keep(db, told)
    assert len(sent) == 1
    assert kept.newer == told[::-1]


async def test_an_event_that_adds_nothing_changes_no_column(db: SqlSession) -> None:
    """Values are compared as they are stored: 6.33333 metres are no other height than before."""
    nest = NestChanged(bird_id=HERON, height=6.33333, keepers=(KEEPER,))
    await COPY.keep(db, [nest])

    kept = await COPY.keep(db, [replace(nest, unkept="something else", version=2)])

    assert kept.new_or_other("tree", "height", "eggs", "keepers", "left_on", "wakes_at") == []
    assert [one.version for one in kept.newer] == [2]


async def test_what_is_new_and_what_is_other_are_told_apart(db: SqlSession) -> None:
    known = NestChanged(bird_id=HERON)
    await COPY.keep(db, [known])
    moved, new = replace(known, tree="elm", version=2), NestChanged(bird_id=OWL)

    kept = await COPY.keep(db, [moved, new])

    assert kept.new_or_other("tree", "eggs") == [moved, new]
    assert kept.other("tree", "eggs") == [moved]
    assert kept.other("eggs") == []
    assert kept.new_or_other("eggs") == [new]
    assert kept.changes[0].before is not None
    assert kept.changes[0].before["tree"] == "oak"


async def test_a_date_that_is_taken_back_is_another_one(db: SqlSession) -> None:
    left = NestChanged(bird_id=HERON, left_on=dt.date(2026, 7, 1))
    await COPY.keep(db, [left])
    back = replace(left, left_on=None, version=2)
    assert (await COPY.keep(db, [back])).other("left_on") == [back]


async def test_the_same_version_again_mends_a_row(db: SqlSession) -> None:
    nest = NestChanged(bird_id=HERON)
    await COPY.keep(db, [nest])
    await db.execute(text("UPDATE nests SET tree = 'damaged'"))

    kept = await COPY.keep(db, [nest])

    assert kept.other("tree") == [nest]
    assert await stands(db) == {(HERON, 2026): ("oak", 1)}


async def test_of_nothing_nothing_is_kept(db: SqlSession) -> None:
    assert (await COPY.keep(db, [])).newer == []


nests = st.builds(
    lambda bird, year, version: NestChanged(
        bird_id=bird, year=year, tree=f"tree {version}", version=version
    ),
    st.sampled_from([HERON, OWL]),
    st.sampled_from([2026, 2027]),
    st.integers(1, 4),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(st.lists(nests, max_size=6), max_size=8))
async def test_in_any_order_and_however_often_told_the_newest_version_of_each_ends_up_standing(
    db: SqlSession, batches: list[list[NestChanged]]
) -> None:
    """And each batch names what it made stand, nothing else: who follows a copy rests on that."""
    stood: dict[tuple[UUID, int], int] = {}
    async with rolled_back(db.savepoint()):
        for batch in batches:
            kept = await COPY.keep(db, batch)

            told = {(one.bird_id, one.year) for one in batch}
            for key in told:
                known = stood.get(key, 0)
                newest = max(one.version for one in batch if (one.bird_id, one.year) == key)
                found = [one.version for one in kept.newer if (one.bird_id, one.year) == key]
                assert found == ([newest] if newest >= known else [])
                stood[key] = max(known, newest)
            assert {(one.bird_id, one.year) for one in kept.newer} <= told
        assert await stands(db) == {
            key: (f"tree {version}", version) for key, version in stood.items()
        }


def test_a_column_that_nothing_fills_is_refused_at_once() -> None:
    table = Table(
        "kites",
        MetaData(),
        Column("bird_id", ID(as_uuid=True), primary_key=True),
        Column("colour", Text),
        Column("version", Integer),
    )
    with pytest.raises(TypeError, match="colour"):
        Copy(table, of=NestChanged, key="bird_id")


def test_a_column_that_the_table_has_not_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="feathers"):
        Copy(NESTS, of=NestChanged, key=("bird_id", "year"), columns={"feathers": str})
