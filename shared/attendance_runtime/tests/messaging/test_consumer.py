"""Stopping, waking and showing: how a consumer gets on with the rest of a process."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from structlog.testing import capture_logs

from attendance_runtime.database import SqlSession
from attendance_runtime.messaging import offsets
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.telemetry import current_traceparent, traced

from .looks import (
    all_begun,
    cluster_of,
    committed_to_kafka,
    delete_topic,
    has_effects,
    next_offsets,
    sample,
)
from .stage import (
    QUICK_CONSUMER,
    Stage,
    append_effects,
    running,
    until,
)


async def test_a_stop_finishes_the_batch_in_hand(stage: Stage) -> None:
    begun = asyncio.Event()

    async def slow(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
        begun.set()
        await asyncio.sleep(0.5)
        await append_effects(db, events, now=now)

    await stage.put([1, 2, 3])
    stopping = asyncio.Event()
    task = asyncio.create_task(stage.consumer(stage.route(slow)).run(stopping))
    await begun.wait()
    stopping.set()
    await task
    assert await stage.numbers() == [1, 2, 3]
    assert (await next_offsets(stage))[0] == 3


async def test_a_stop_does_not_wait_for_a_fetch(stage: Stage) -> None:
    stopping = asyncio.Event()
    consumer = stage.consumer(settings=replace(QUICK_CONSUMER, poll_ms=30_000))
    task = asyncio.create_task(consumer.run(stopping))
    await until(lambda: all_begun(stage))
    stopping.set()
    await asyncio.wait_for(task, 5)


async def test_a_stored_batch_wakes_whoever_asked(stage: Stage) -> None:
    woken = asyncio.Event()
    async with running(stage.consumer(on_committed=woken.set)):
        await stage.put([1])
        await asyncio.wait_for(woken.wait(), 10)
    assert await stage.numbers() == [1]


async def test_the_age_of_events_is_measured_when_their_effects_are_stored(stage: Stage) -> None:
    await stage.put([1, 2, 3])
    async with running(stage.consumer()):
        await until(lambda: sample("firstday_event_age_seconds_count", event=stage.type) == 3)


async def test_a_consumer_that_lags_without_progress_is_not_live(stage: Stage) -> None:
    """The Kafka client notices a lost coordinator, not a fetching that has died."""

    async def stuck(*_: object, **__: object) -> None:
        await asyncio.sleep(3)

    settings = replace(QUICK_CONSUMER, look_every_seconds=0.1, stuck_seconds=0.8)
    consumer = stage.consumer(stage.route(stuck), settings=settings)
    async with running(consumer):
        await until(lambda: all_begun(stage))
        await asyncio.sleep(1)
        assert consumer.is_live(), "nothing to do is no lack of progress"
        await stage.put([1])
        await until(lambda: not consumer.is_live(), seconds=5)
        await until(consumer.is_live)


async def test_a_topic_that_nobody_has_made_is_named(stage: Stage) -> None:
    """The client waits for it in silence, and no lag ever shows."""
    await delete_topic(stage)
    with capture_logs() as logs:
        async with running(stage.consumer()):
            await until(lambda: any(entry["event"] == "consumer.topic_missing" for entry in logs))


async def test_kafka_is_told_where_we_stand_for_lag_displays(stage: Stage) -> None:
    await stage.put([1, 2, 3])
    async with running(stage.consumer()):
        await until(lambda: committed_to_kafka(stage, 3))


async def test_what_kafka_was_told_is_never_where_reading_begins(stage: Stage) -> None:
    await stage.put([1, 2, 3])
    async with running(stage.consumer()):
        await until(lambda: committed_to_kafka(stage, 3))
    async with stage.database.transaction() as db:
        await offsets.restart_at(
            db,
            stage.group,
            {Lane(stage.topic.name, 0): 1},
            cluster_id=await cluster_of(stage),
        )
    async with running(stage.consumer()):
        await until(lambda: has_effects(stage, 5))
    assert await stage.numbers() == [1, 2, 3, 2, 3]


async def test_a_trace_goes_on_from_the_request_to_the_consumer(stage: Stage) -> None:
    seen: list[str | None] = []

    async def look(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
        await append_effects(db, events, now=now)
        seen.append(current_traceparent())

    trace = "0af7651916cd43dd8448eb211c80319c"
    with traced("request", f"00-{trace}-b7ad6b7169203331-01"):
        await stage.announce([0])
    with capture_logs() as logs:
        async with running(stage.relay(), stage.consumer(stage.route(look))):
            await until(lambda: seen)
    assert seen[0] is not None
    assert trace in seen[0]
    [saved] = [entry for entry in logs if entry["event"] == "consumer.batch_saved"]
    assert saved["trace_ids"] == [trace]
