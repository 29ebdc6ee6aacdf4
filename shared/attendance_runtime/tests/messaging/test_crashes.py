"""A crash between each pair of the consumer's steps, and trouble that lasts."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from attendance_runtime.database import Database, SqlSession
from attendance_runtime.errors import Unavailable
from attendance_runtime.messaging.offsets import UnsafeConnection
from attendance_runtime.messaging.patience import GaveUp

from .faults_made import UnsureDatabase, connection_killed_at
from .looks import stored
from .stage import LIMITS, QUICK_CONSUMER, Stage, append_effects, running, until

STEPS = {
    "before the stored offsets are read": "FROM consumer_offset\n    JOIN",
    "before the offsets are locked": "FOR NO KEY UPDATE",
    "before the watermarks are read": "FROM consumer_sequence\n    JOIN",
    "before the effects": "INSERT INTO effect",
    "between the effects and the watermarks": "INSERT INTO consumer_sequence",
    "between the watermarks and the offsets": "UPDATE consumer_offset",
}


@pytest.mark.parametrize("step", STEPS)
async def test_a_connection_lost_between_two_steps_repeats_the_batch_or_nothing(
    stage: Stage, step: str
) -> None:
    await stage.put(range(1, 31))
    with connection_killed_at(STEPS[step], times=2) as kill:
        async with running(stage.consumer()):
            await until(lambda: stored(stage, 30))
    assert kill.times == 2
    assert await stage.numbers() == list(range(1, 31))


async def test_a_commit_that_succeeds_unheard_is_not_repeated(stage: Stage) -> None:
    """After an error only PostgreSQL knows what happened; memory is not believed."""
    unsure = UnsureDatabase(stage.url, server_settings=LIMITS)

    async def marked(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
        await append_effects(db, events, now=now)
        unsure.wrote_effects = True

    unsure.unsure = 2
    async with running(stage.consumer(stage.route(marked), database=unsure)):
        for number in range(1, 6):
            await stage.put([number])
            await until(lambda: stored(stage, number))  # noqa: B023 - awaited in the loop
    assert unsure.unsure == 0
    assert await stage.numbers() == [1, 2, 3, 4, 5]
    await unsure.dispose()


async def test_trouble_that_outlasts_its_budget_ends_the_process(stage: Stage) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("The database is away.")

    await stage.put([1])
    consumer = stage.consumer(
        stage.route(away), settings=replace(QUICK_CONSUMER, retry_budget_seconds=0.5)
    )
    with pytest.raises(GaveUp):
        await asyncio.wait_for(consumer.run(asyncio.Event()), 20)
    assert await stage.effects() == []
    assert await stage.count("dead_letter") == 0


async def test_a_broker_that_is_away_has_a_budget_too(stage: Stage) -> None:
    stage.kafka = stage.kafka.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    consumer = stage.consumer(settings=replace(QUICK_CONSUMER, retry_budget_seconds=0.3))
    with pytest.raises(GaveUp):
        await asyncio.wait_for(consumer.run(asyncio.Event()), 20)


@pytest.mark.parametrize(
    "unsafe",
    [
        {**LIMITS, "idle_in_transaction_session_timeout": "0"},
        {**LIMITS, "lock_timeout": "0"},
        {**LIMITS, "statement_timeout": "0"},
        {**LIMITS, "synchronous_commit": "off"},
    ],
)
async def test_connections_without_time_limits_or_durability_are_refused(
    stage: Stage, unsafe: dict[str, str]
) -> None:
    database = Database(stage.url, server_settings=unsafe)
    with pytest.raises(UnsafeConnection):
        await asyncio.wait_for(stage.consumer(database=database).run(asyncio.Event()), 10)
    await database.dispose()
