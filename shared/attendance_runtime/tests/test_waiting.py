"""What waits is counted when somebody asks for metrics: seldom, briefly, and never in vain."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from attendance_runtime import waiting
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_runtime.tables import runtime_metadata
from attendance_runtime.waiting import DEAD_LETTERS, Counts
from attendance_testing.counting import statements

CLOCK = FixedClock("2026-09-07T09:00:00+00:00")


def shown(kind: str) -> float | None:
    """What `/metrics` would say of dead letters of a kind."""
    return REGISTRY.get_sample_value("firstday_dead_letters_waiting", {"kind": kind})


@pytest.fixture
async def database(runtime_database: Database) -> AsyncIterator[Database]:
    """A database with two dead letters that wait, and one that is settled."""
    async with runtime_database.engine.begin() as connection:
        await connection.run_sync(runtime_metadata.create_all)
    async with runtime_database.transaction() as db:
        await db.execute(
            text("""
                INSERT INTO dead_letter (consumer_group, topic, partition, "offset", route, part,
                                         type, key, kind, error, resolved_at)
                SELECT 'group', 'topic', 0, number, 'route', -1, '', '', 'parked', 'Bug',
                       resolved_at
                FROM (VALUES (1, NULL), (2, NULL), (3, now())) AS letter (number, resolved_at)
            """)
        )
    yield runtime_database
    async with runtime_database.transaction() as db:
        await db.execute(text("TRUNCATE dead_letter"))


async def test_what_waits_is_shown_and_what_is_settled_is_not(database: Database) -> None:
    await Counts(database, CLOCK, [DEAD_LETTERS]).refresh()

    assert (shown("parked"), shown("unreadable")) == (2, 0)


async def test_many_that_ask_cost_one_statement(database: Database) -> None:
    counts = Counts(database, CLOCK, [DEAD_LETTERS])

    with statements() as asked:
        for _ in range(20):
            await counts.refresh()

    assert len(asked) == 1


async def test_counts_that_are_not_fresh_are_made_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "FRESH_SECONDS", 0)
    counts = Counts(database, CLOCK, [DEAD_LETTERS])
    await counts.refresh()
    async with database.transaction() as db:
        await db.execute(text("UPDATE dead_letter SET resolved_at = now()"))

    await counts.refresh()

    assert shown("parked") == 0


async def test_a_database_that_stands_still_holds_up_no_scrape(database: Database) -> None:
    await Counts(database, CLOCK, [DEAD_LETTERS]).refresh()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+asyncpg://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        still = Database(url)
        async with asyncio.timeout(5):
            await Counts(still, CLOCK, [DEAD_LETTERS]).refresh()
        await still.dispose()

    assert shown("parked") == 2, "the last counts stand"
