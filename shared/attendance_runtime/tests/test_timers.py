"""Timers on real PostgreSQL, with claimers that meet, die, fail and read a clock that jumps."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.tables import runtime_metadata
from attendance_runtime.timers import (
    OnTime,
    Timer,
    cancel_timers,
    fire_due,
    lock_timers,
    run_timers,
    set_timers,
)
from attendance_testing.databases import created_database

KIND = "register.due"
NINE = datetime.fromisoformat("2026-09-07T09:00:00Z")
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
async def prepared(postgres_url: str) -> AsyncIterator[Database]:
    async with created_database(postgres_url, "test_timers") as url:
        database = Database(url, pool_size=6)
        async with database.engine.begin() as connection:
            await connection.run_sync(
                runtime_metadata.create_all, [runtime_metadata.tables["timers"]]
            )
            await connection.execute(text("CREATE TABLE effects (subject text, version integer)"))
        yield database
        await database.dispose()


@pytest.fixture
async def database(prepared: Database) -> Database:
    async with prepared.transaction() as db:
        await db.execute(text("TRUNCATE timers, effects"))
    return prepared


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NINE)


def a_timer(
    subject: str = "a", *, due_at: datetime = NINE, version: int = 1, about: str = ""
) -> Timer:
    return Timer(kind=KIND, subject=subject, due_at=due_at, version=version, about=about)


async def given(database: Database, *timers: Timer) -> None:
    async with database.transaction() as db:
        await set_timers(db, timers)


async def standing(database: Database) -> list[Timer]:
    async with database.transaction() as db:
        known = await db.scalars(text("SELECT subject FROM timers ORDER BY subject"))
        return list((await lock_timers(db, KIND, list(known))).values())


async def effects(database: Database) -> list[str]:
    async with database.transaction() as db:
        return list(await db.scalars(text("SELECT subject FROM effects ORDER BY subject")))


async def note(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
    """Leave a row for each timer, as a use case leaves its effect."""
    for timer in timers:
        assert timer.due_at <= now
        await db.execute(
            text("INSERT INTO effects VALUES (:subject, :version)"),
            {"subject": timer.subject, "version": timer.version},
        )


async def fire(database: Database, clock: FixedClock, use_case: OnTime = note) -> int:
    return await fire_due(database, clock, KIND, use_case)


@pytest.mark.parametrize(
    ("due_at", "fires"),
    [
        (NINE + timedelta(microseconds=1), False),
        (NINE, True),
        (NINE - timedelta(days=3), True),
    ],
    ids=["never early", "when due", "due while everything was down"],
)
async def test_a_timer_fires_once_when_it_is_due(
    database: Database, clock: FixedClock, due_at: datetime, *, fires: bool
) -> None:
    await given(database, a_timer(due_at=due_at))

    await fire(database, clock)
    await fire(database, clock)

    assert await effects(database) == (["a"] if fires else [])
    assert bool(await standing(database)) is not fires


async def test_a_clock_that_jumps_back_fires_nothing_twice(
    database: Database, clock: FixedClock
) -> None:
    await given(database, a_timer())
    await fire(database, clock)

    clock.advance(-timedelta(seconds=2))
    await fire(database, clock)
    clock.advance(timedelta(seconds=4))
    await fire(database, clock)

    assert await effects(database) == ["a"]


async def test_two_claimers_at_once_share_the_timers(database: Database, clock: FixedClock) -> None:
    await given(database, *(a_timer(f"{number:03}") for number in range(40)))
    together = asyncio.Barrier(2)

    async def wait_and_note(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
        await together.wait()  # both hold their claims now
        await note(db, timers, now=now)

    async with asyncio.timeout(10):
        counts = await asyncio.gather(
            *(fire_due(database, clock, KIND, wait_and_note, limit=20) for _ in range(2))
        )

    assert counts == [20, 20]
    assert await effects(database) == [f"{number:03}" for number in range(40)]


async def test_many_workers_fire_each_timer_once_and_stop_when_told(
    database: Database, clock: FixedClock
) -> None:
    subjects = [f"{number:03}" for number in range(350)]
    await given(database, *(a_timer(subject) for subject in subjects))
    stopping = asyncio.Event()

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(run_timers(database, clock, stopping, {KIND: note}))
        while await standing(database):  # noqa: ASYNC110 - the workers decide when
            await asyncio.sleep(0.05)
        stopping.set()

    assert await effects(database) == subjects


async def test_a_worker_that_dies_in_the_middle_leaves_its_timers_due(
    database: Database, clock: FixedClock
) -> None:
    await given(database, a_timer())

    async def die(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
        await note(db, timers, now=now)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await fire(database, clock, die)
    assert await effects(database) == []

    await fire(database, clock)
    assert await effects(database) == ["a"]


async def test_a_use_case_sees_that_the_version_has_moved_on(
    database: Database, clock: FixedClock
) -> None:
    """The timer says for what it was set; the use case knows what holds, and does nothing."""
    await given(database, a_timer("moved", version=1), a_timer("holds", version=2))

    async def only_current(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
        await note(db, [timer for timer in timers if timer.version == 2], now=now)

    await fire(database, clock, only_current)

    assert await effects(database) == ["holds"]
    assert await standing(database) == []


@pytest.mark.parametrize(
    ("versions", "stands"), [((1, 2), 2), ((2, 1), 2), ((3, 3), 3)], ids=["newer", "late", "same"]
)
async def test_a_later_plan_replaces_an_older_one_and_never_the_other_way(
    database: Database, versions: tuple[int, int], stands: int
) -> None:
    for number, version in enumerate(versions):
        await given(database, a_timer(version=version, about=str(number)))

    [timer] = await standing(database)
    assert timer.version == stands
    assert timer.about == str(versions.index(stands) if versions[0] != versions[1] else 1)


async def test_a_timer_set_anew_while_it_fires_stays(database: Database, clock: FixedClock) -> None:
    await given(database, a_timer(about="AM"))
    following = a_timer(about="PM", due_at=NINE + 4 * 60 * MINUTE)

    async def set_following(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
        await set_timers(db, [following])

    await fire(database, clock, set_following)
    assert await fire(database, clock, set_following) == 0

    assert await standing(database) == [following]


async def test_whoever_plans_anew_waits_for_the_worker_and_sees_what_it_set(
    database: Database, clock: FixedClock
) -> None:
    await given(database, a_timer(about="AM"))
    claimed = asyncio.Event()

    async def set_following(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
        claimed.set()
        await asyncio.sleep(0.2)
        await set_timers(db, [a_timer(about="PM", due_at=NINE + MINUTE)])

    async def plan() -> str:
        await claimed.wait()
        async with database.transaction() as db:
            return (await lock_timers(db, KIND, ["a"]))["a"].about

    async with asyncio.timeout(10):
        _, seen = await asyncio.gather(fire(database, clock, set_following), plan())

    assert seen == "PM"


async def test_a_cancelled_timer_does_not_fire(database: Database, clock: FixedClock) -> None:
    await given(database, a_timer("a"), a_timer("b"))
    async with database.transaction() as db:
        await cancel_timers(db, KIND, ["a", "unknown"])

    await fire(database, clock)

    assert await effects(database) == ["b"]


async def test_a_timer_that_fails_holds_up_no_other(database: Database, clock: FixedClock) -> None:
    await given(database, *(a_timer(subject) for subject in "abc"))

    async def fail_at_b(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
        await note(db, timers, now=now)
        for timer in timers:
            await db.execute(text("SELECT 1 / CAST(:by AS int)"), {"by": timer.subject != "b"})

    await fire(database, clock, fail_at_b)

    assert await effects(database) == ["a", "c"]
    assert [timer.subject for timer in await standing(database)] == ["b"]
    assert await fire(database, clock) == 0, "it is held back, not tried again at once"


async def test_a_timer_held_back_fires_when_its_fault_is_mended(
    database: Database, clock: FixedClock
) -> None:
    await given(database, a_timer())

    async def fail(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
        raise ZeroDivisionError

    await fire(database, clock, fail)
    async with database.transaction() as db:
        await db.execute(text("UPDATE timers SET held_until = clock_timestamp()"))
    await fire(database, clock)

    assert await effects(database) == ["a"]
