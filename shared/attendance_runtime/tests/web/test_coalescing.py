"""Requests written together, on real PostgreSQL: nobody hangs, suffers for another, or is lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.errors import FirstdayError, Invalid, Unavailable
from attendance_runtime.web.coalescing import Coalescing, Limits
from attendance_testing.databases import created_database

HELD = 99  # an order that needs a table which somebody else may hold
CLOCK = FixedClock("2026-09-07T09:00:00Z")


@dataclass(frozen=True)
class Line:
    """An order to write one line; a negative one breaks the statement."""

    number: int
    weight: int = 1

    @property
    def key(self) -> int:
        return self.number


@dataclass
class Ledger:
    """A use case that keeps lines, and remembers how many it was given at a time."""

    batches: list[int] = field(default_factory=list)
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(
        self, db: SqlSession, orders: Sequence[Line], **_: object
    ) -> list[int | FirstdayError]:
        self.batches.append(len(orders))
        self.began.set()
        if any(order.number == HELD for order in orders):
            await db.execute(text("SELECT * FROM held"))
        await db.execute(
            text("INSERT INTO lines SELECT sqrt(line) FROM unnest(CAST(:lines AS integer[])) line"),
            {"lines": [order.number for order in orders if order.number != 0]},
        )
        return [order.number or Invalid("Nothing is not a number.") for order in orders]


@pytest.fixture(scope="module")
async def prepared(postgres_url: str) -> AsyncIterator[Database]:
    async with created_database(postgres_url, "test_coalescing") as url:
        database = Database(url, pool_size=4)
        async with database.engine.begin() as connection:
            await connection.execute(text("CREATE TABLE lines (root float)"))
            await connection.execute(text("CREATE TABLE held (line float)"))
        yield database
        await database.dispose()


@pytest.fixture
async def database(prepared: Database) -> AsyncIterator[Database]:
    yield prepared
    async with prepared.transaction() as db:
        await db.execute(text("TRUNCATE lines"))


async def kept(database: Database) -> int:
    async with database.transaction() as db:
        return int(await db.scalar(text("SELECT count(*) FROM lines")) or 0)


def writer_of(
    database: Database, ledger: Ledger, limits: Limits | None = None
) -> Coalescing[Line, int]:
    return Coalescing(database, CLOCK, ledger.keep, limits or Limits(writers=1))


async def submit_all(writer: Coalescing[Line, int], numbers: Sequence[int]) -> list[object]:
    asked = (writer.submit(Line(number)) for number in numbers)
    return list(await asyncio.gather(*asked, return_exceptions=True))


async def test_what_waits_together_is_written_together(database: Database) -> None:
    ledger = Ledger()
    answers = await submit_all(writer_of(database, ledger), range(1, 31))
    assert answers == list(range(1, 31))
    assert ledger.batches == [30]
    assert await kept(database) == 30


async def test_a_refused_order_changes_nothing_for_its_neighbours(database: Database) -> None:
    ledger = Ledger()
    one, refused, three = await submit_all(writer_of(database, ledger), [1, 0, 3])
    assert (one, three) == (1, 3)
    assert isinstance(refused, Invalid)
    assert ledger.batches == [3]


async def test_a_failing_batch_is_halved_until_the_culprit_is_alone(database: Database) -> None:
    ledger = Ledger()
    answers = await submit_all(writer_of(database, ledger), [1, 2, 3, 4, 5, 6, -7, 8])
    failed = [place for place, answer in enumerate(answers) if isinstance(answer, Exception)]
    assert failed == [6]
    assert await kept(database) == 7
    assert ledger.batches == [8, 4, 4, 2, 2, 1, 1]


async def test_two_orders_of_one_key_never_share_a_batch(database: Database) -> None:
    ledger = Ledger()
    answers = await submit_all(writer_of(database, ledger), [1, 1, 2, 1])
    assert answers == [1, 1, 2, 1]
    assert ledger.batches == [2, 1, 1]


async def test_a_batch_takes_so_many_rows_and_no_more(database: Database) -> None:
    ledger = Ledger()
    writer = writer_of(database, ledger, Limits(batch_weight=10, writers=1))
    orders = [Line(1, weight=25), Line(2, weight=6), Line(3, weight=6), Line(4, weight=4)]
    await asyncio.gather(*(writer.submit(order) for order in orders))
    assert ledger.batches == [1, 2, 1]


async def test_a_client_that_gave_up_stops_nobody(database: Database) -> None:
    ledger = Ledger()
    writer = writer_of(database, ledger)
    waiting = [asyncio.create_task(writer.submit(Line(number))) for number in range(1, 6)]
    await asyncio.sleep(0)
    waiting[2].cancel()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, int)] == [1, 2, 4, 5]
    assert await submit_all(writer, [6]) == [6]


async def test_a_client_that_gives_up_while_its_batch_is_written_stops_nobody(
    database: Database,
) -> None:
    ledger = Ledger()
    writer = writer_of(database, ledger)
    leaving = asyncio.create_task(writer.submit(Line(1)))
    staying = asyncio.create_task(writer.submit(Line(2)))
    await ledger.began.wait()
    leaving.cancel()
    assert await staying == 2
    assert await kept(database) == 2


async def test_beyond_the_queue_the_answer_is_to_come_back(database: Database) -> None:
    ledger = Ledger()
    writer = writer_of(database, ledger, Limits(waiting=3, writers=1))
    answers = await submit_all(writer, range(1, 6))
    assert [isinstance(answer, Unavailable) for answer in answers] == [False] * 3 + [True] * 2
    assert await kept(database) == 3


async def test_a_database_that_is_away_is_not_asked_again_for_each(database: Database) -> None:
    """Halving would ask once for each order; every one of them may be sent again."""
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    ledger = Ledger()
    answers = await submit_all(writer_of(away, ledger), [1, 2, 3, 4])
    assert all(isinstance(answer, OSError) for answer in answers)
    assert ledger.batches == [4]
    await away.dispose()


async def test_nothing_is_left_running_when_nothing_waits(database: Database) -> None:
    before = asyncio.all_tasks()
    limits = Limits(writers=2, gather_seconds=0)
    await submit_all(writer_of(database, Ledger(), limits), range(1, 50))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not asyncio.all_tasks() - before


async def test_a_second_writer_helps_where_more_waits_than_one_takes(database: Database) -> None:
    ledger = Ledger()
    limits = Limits(batch_weight=5, writers=2, gather_seconds=60)
    async with asyncio.timeout(30):
        await submit_all(writer_of(database, ledger, limits), range(1, 11))
    assert ledger.batches == [5, 5]


async def test_an_order_that_comes_as_the_last_writer_stops_is_answered(database: Database) -> None:
    """Whoever was just answered may order again before anything else happens."""
    writer = writer_of(database, Ledger(), Limits(writers=1, gather_seconds=0))
    async with asyncio.timeout(10):
        assert [await writer.submit(Line(number)) for number in range(1, 4)] == [1, 2, 3]


async def test_a_batch_that_is_held_up_holds_up_nobody_behind_it(database: Database) -> None:
    """Somebody's lock stops one transaction; what comes later is written by another."""
    writer = writer_of(database, Ledger(), Limits(writers=2, held_up_seconds=0.05))
    async with database.transaction() as locker:
        await locker.execute(text("LOCK TABLE held IN ACCESS EXCLUSIVE MODE"))
        stuck = asyncio.create_task(writer.submit(Line(HELD)))
        await asyncio.sleep(0.1)
        assert await writer.submit(Line(2)) == 2
        assert not stuck.done()
    assert await stuck == HELD
