"""The consumer's rules, each with the fault that it prevents."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.structs import TopicPartition
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from attendance_runtime import offsets
from attendance_runtime.database import Database
from attendance_runtime.errors import Unavailable
from attendance_runtime.kafka import connection_options
from attendance_runtime.lanes import Lane
from attendance_runtime.offsets import StaleOffsets, UnsafeConnection
from attendance_runtime.patience import GaveUp
from attendance_runtime.telemetry import current_traceparent, traced

from .faults_made import GatedDatabase, UnsureDatabase, connection_killed_at, stage_process
from .stage import (
    PARTITIONS,
    QUICK_CONSUMER,
    SUBJECTS,
    Stage,
    append_effects,
    running,
    until,
)

LIMITS = {
    "idle_in_transaction_session_timeout": "4s",
    "lock_timeout": "4s",
    "statement_timeout": "10s",
}

STEPS = {
    "before the stored offsets are read": "FROM consumer_offset\n    JOIN",
    "before the offsets are locked": "FOR NO KEY UPDATE",
    "before the marks are read": "FROM consumer_sequence\n    JOIN",
    "before the effects": "INSERT INTO effect",
    "between the effects and the marks": "INSERT INTO consumer_sequence",
    "between the marks and the offsets": "UPDATE consumer_offset",
}


async def next_offsets(stage: Stage) -> dict[int, int]:
    """Return the stored offset of each partition."""
    async with stage.database.transaction() as session:
        rows = await session.execute(text("SELECT partition, next_offset FROM consumer_offset"))
        return {row.partition: row.next_offset for row in rows}


def sample(name: str, **labels: str) -> float:
    """Return a metric's value."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


# --- the same event twice -----------------------------------------------------------------------


async def test_a_second_copy_under_a_new_offset_is_applied_once(stage: Stage) -> None:
    await stage.put([1, 2, 3])
    await stage.put([2, 3])
    await stage.put([3, 4])
    async with running(stage.consumer()):
        await until(lambda: _stored(stage, 7))
    assert await stage.numbers() == [1, 2, 3, 4]


async def test_a_second_copy_in_a_later_batch_is_applied_once(stage: Stage) -> None:
    async with running(stage.consumer()):
        await stage.put([1, 2, 3])
        await until(lambda: _stored(stage, 3))
        await stage.put([1, 2, 3, 4])
        await until(lambda: _stored(stage, 7))
    assert await stage.numbers() == [1, 2, 3, 4]


async def test_two_sources_in_one_partition_keep_numbers_of_their_own(stage: Stage) -> None:
    await stage.put([1, 2], source="urn:firstday:one")
    await stage.put([1, 2], source="urn:firstday:other")
    async with running(stage.consumer()):
        await until(lambda: _stored(stage, 4))
    assert await stage.numbers() == [1, 2, 1, 2]


async def test_a_restarted_consumer_goes_on_where_it_stopped(stage: Stage) -> None:
    for start in (1, 4):
        await stage.put(range(start, start + 3))
        async with running(stage.consumer()):
            await until(lambda: _stored(stage, start + 2))  # noqa: B023 - awaited in the loop
    assert await stage.numbers() == [1, 2, 3, 4, 5, 6]


# --- numbers and offsets that are missing -------------------------------------------------------


async def test_a_missing_number_stops_its_partition_and_no_other(stage: Stage) -> None:
    """A topic that was deleted and made anew continues its offsets, not its numbers."""
    await stage.put([1, 2])
    await stage.put([4, 5])
    await stage.put([1, 2, 3], partition=1, subject=SUBJECTS[1])
    consumer = stage.consumer(settings=replace(QUICK_CONSUMER, batch_records=2))
    with capture_logs() as logs:
        async with running(consumer):
            await until(lambda: consumer.stopped)
            await until(lambda: _has_effects(stage, 5))
    assert [lane.partition for lane in consumer.stopped] == [0]
    assert sorted(await stage.numbers()) == [1, 1, 2, 2, 3]
    assert (await next_offsets(stage))[0] == 2
    assert any("expected 3, found 4" in str(entry) for entry in logs)


async def test_on_a_compacted_topic_missing_numbers_and_offsets_are_no_alarm(
    compacted_stage: Stage,
) -> None:
    """Compaction removes superseded events, their offsets and their numbers."""
    stage = compacted_stage
    await stage.put(range(1, 40))
    await asyncio.sleep(0.3)
    await stage.put(range(40, 43))  # rolls the segment, so that the first may be compacted
    await until(lambda: _compacted(stage))
    async with running(stage.consumer()):
        await until(lambda: _stored(stage, 42))
        await stage.put([42, 43])
        await until(lambda: _stored(stage, 44))
    numbers = await stage.numbers()
    assert numbers[-1] == 43
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 43


async def test_a_stored_offset_eaten_by_retention_stops_its_partition_and_names_the_command(
    stage: Stage,
) -> None:
    """`earliest` or `latest` would skip events without a word."""
    await stage.put(range(1, 11))
    async with running(stage.consumer()):
        await until(lambda: _stored(stage, 10))
    await stage.put(range(11, 21))
    await _delete_records_before(stage, 15)
    await stage.put([1], partition=1, subject=SUBJECTS[1])
    settings = replace(QUICK_CONSUMER, rebuild_command="python -m stage_service rebuild")
    consumer = stage.consumer(settings=settings)
    with capture_logs() as logs:
        async with running(consumer):
            await until(lambda: consumer.stopped)
            await until(lambda: _has_effects(stage, 11))
    assert list(consumer.stopped) == [Lane(stage.topic.name, 0)]
    assert await stage.numbers() == [*range(1, 11), 1]
    [alarm] = [entry for entry in logs if entry["event"] == "consumer.lane_stopped"]
    assert alarm["log_level"] == "critical"
    assert "python -m stage_service rebuild" in alarm["remedy"]


async def test_a_group_new_to_a_topic_whose_beginning_is_gone_says_so(stage: Stage) -> None:
    await stage.put(range(1, 11))
    await _delete_records_before(stage, 5)
    consumer = stage.consumer()
    async with running(consumer):
        await until(lambda: consumer.stopped)
    assert await stage.effects() == []


async def test_a_topic_made_anew_is_noticed(stage: Stage) -> None:
    await stage.put(range(1, 11))
    async with running(stage.consumer()):
        await until(lambda: _stored(stage, 10))
    await _make_topic_anew(stage)
    await stage.put(range(11, 31))  # more than were there: the stored offset exists again
    consumer = stage.consumer()
    async with running(consumer):
        await until(lambda: consumer.stopped)
    assert await stage.numbers() == list(range(1, 11))


async def test_offsets_of_another_kafka_cluster_are_not_used(stage: Stage) -> None:
    await stage.put([1, 2, 3])
    async with running(stage.consumer()):
        await until(lambda: _stored(stage, 3))
    async with stage.database.transaction() as session:
        await session.execute(text("UPDATE consumer_offset SET cluster_id = 'another'"))
    consumer = stage.consumer()
    async with running(consumer):
        await until(lambda: len(consumer.stopped) == PARTITIONS)
    assert set(consumer.stopped.values()) == {"its offset belongs to another Kafka cluster"}


async def test_after_a_rebuild_a_group_continues_at_the_noted_offset(stage: Stage) -> None:
    await stage.put(range(1, 11))
    async with stage.database.transaction() as session:
        noted = {Lane(stage.topic.name, 0): 6}
        await offsets.restart_at(session, stage.group, noted, cluster_id=await _cluster(stage))
    async with running(stage.consumer()):
        await until(lambda: _stored(stage, 10))
    assert await stage.numbers() == [7, 8, 9, 10]


# --- owners that are no longer ------------------------------------------------------------------


async def test_offsets_move_only_from_where_they_are_expected(stage: Stage) -> None:
    lane = Lane(stage.topic.name, 0)
    async with stage.database.transaction() as session:
        await offsets.find_or_begin(session, stage.group, [lane], cluster_id="here")
        await offsets.advance(session, stage.group, expected={lane: 0}, following={lane: 5})
    with pytest.raises(StaleOffsets):
        async with stage.database.transaction() as session:
            await offsets.advance(session, stage.group, expected={lane: 0}, following={lane: 3})
    with pytest.raises(StaleOffsets):
        async with stage.database.transaction() as session:
            await offsets.lock(session, stage.group, {lane: 0})
    assert await next_offsets(stage) == {0: 5}


async def test_a_new_group_that_begins_twice_at_once_begins_once(stage: Stage) -> None:
    lane = Lane(stage.topic.name, 0)
    async with stage.database.transaction() as one, stage.database.transaction() as other:
        await offsets.find_or_begin(one, stage.group, [lane], cluster_id="here")
        waiting = asyncio.create_task(
            offsets.find_or_begin(other, stage.group, [lane], cluster_id="here")
        )
        await asyncio.sleep(0.1)
        await one.rollback()
        assert (await waiting)[lane].next_offset == 0


async def test_a_batch_in_hand_through_a_rebalance_is_taken_back(stage: Stage) -> None:
    """The owner is held up between fetching and saving; another gets its lanes and saves first."""
    for partition in range(PARTITIONS):
        await stage.put([1, 2, 3], partition=partition, subject=SUBJECTS[partition])
    # It checks its connection, reads where to begin, fetches, and is held up before it can save.
    gated = GatedDatabase(stage.url, passes=2, server_settings=LIMITS)
    async with running(stage.consumer(database=gated)):
        await gated.held_up.wait()
        async with running(stage.consumer()):
            await until(lambda: _has_effects(stage, 3))
            gated.gate.set()
            await until(lambda: _has_effects(stage, 3 * PARTITIONS))
            await until(lambda: sample("firstday_stale_batches_total", group=stage.group))
    assert len(set(await stage.effects())) == len(await stage.effects()) == 3 * PARTITIONS
    await gated.dispose()


async def test_an_owner_frozen_in_its_transaction_holds_nothing_up_and_writes_nothing(
    stage: Stage,
) -> None:
    for partition in range(PARTITIONS):
        await stage.put([1, 2, 3], partition=partition, subject=SUBJECTS[partition])
    at = STEPS["between the effects and the marks"]
    async with stage_process("consumer", stage, then="freeze", at=at) as process:
        await process.frozen()
        async with running(stage.consumer()):
            await until(lambda: _has_effects(stage, 3 * PARTITIONS), seconds=30)
            process.thaw()
            await asyncio.sleep(1)
            await stage.put([4])
            await until(lambda: _has_effects(stage, 3 * PARTITIONS + 1))
    assert len(set(await stage.effects())) == len(await stage.effects())


async def test_members_that_come_and_go_in_mid_batch_double_and_lose_nothing(
    stage: Stage,
) -> None:
    async def slow(session: AsyncSession, events: Sequence[Any], *, now: datetime) -> None:
        await append_effects(session, events, now=now)
        await asyncio.sleep(0.03)

    settings = replace(QUICK_CONSUMER, batch_records=10)

    def member() -> Any:
        return stage.consumer(stage.route(slow), settings=settings)

    await stage.announce(range(600))
    async with running(stage.relay(), member()):
        for _ in range(3):
            async with running(member(), member()):
                await asyncio.sleep(0.6)
        await stage.expect_exactly_once(600)


# --- a crash between each pair of steps ---------------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
async def test_a_connection_lost_between_two_steps_repeats_the_batch_or_nothing(
    stage: Stage, step: str
) -> None:
    await stage.put(range(1, 31))
    with connection_killed_at(STEPS[step], times=2) as kill:
        async with running(stage.consumer()):
            await until(lambda: _stored(stage, 30))
    assert kill.times == 2
    assert await stage.numbers() == list(range(1, 31))


async def test_a_commit_that_succeeds_unheard_is_not_repeated(stage: Stage) -> None:
    """After an error only PostgreSQL knows what happened; memory is not believed."""

    async def marked(session: AsyncSession, events: Sequence[Any], *, now: datetime) -> None:
        await append_effects(session, events, now=now)
        session.info["wrote_effects"] = True

    unsure = UnsureDatabase(stage.url, server_settings=LIMITS)
    unsure.unsure = 2
    async with running(stage.consumer(stage.route(marked), database=unsure)):
        for number in range(1, 6):
            await stage.put([number])
            await until(lambda: _stored(stage, number))  # noqa: B023 - awaited in the loop
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


# --- connections --------------------------------------------------------------------------------


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


# --- stopping, waking, showing ------------------------------------------------------------------


async def test_a_stop_finishes_the_batch_in_hand(stage: Stage) -> None:
    begun = asyncio.Event()

    async def slow(session: AsyncSession, events: Sequence[Any], *, now: datetime) -> None:
        begun.set()
        await asyncio.sleep(0.5)
        await append_effects(session, events, now=now)

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
    await until(lambda: _all_begun(stage))
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
        await until(lambda: _all_begun(stage))
        await asyncio.sleep(1)
        assert consumer.is_live(), "nothing to do is no lack of progress"
        await stage.put([1])
        await until(lambda: not consumer.is_live(), seconds=5)
        await until(consumer.is_live)


async def test_a_topic_that_nobody_has_made_is_named(stage: Stage) -> None:
    """The client waits for it in silence, and no lag ever shows."""
    await _delete_topic(stage)
    with capture_logs() as logs:
        async with running(stage.consumer()):
            await until(lambda: any(entry["event"] == "consumer.topic_missing" for entry in logs))


async def test_kafka_is_told_where_we_stand_for_lag_displays(stage: Stage) -> None:
    await stage.put([1, 2, 3])
    async with running(stage.consumer()):
        await until(lambda: _committed_to_kafka(stage, 3))


async def test_what_kafka_was_told_is_never_where_reading_begins(stage: Stage) -> None:
    await stage.put([1, 2, 3])
    async with running(stage.consumer()):
        await until(lambda: _committed_to_kafka(stage, 3))
    async with stage.database.transaction() as session:
        await offsets.restart_at(
            session,
            stage.group,
            {Lane(stage.topic.name, 0): 1},
            cluster_id=await _cluster(stage),
        )
    async with running(stage.consumer()):
        await until(lambda: _has_effects(stage, 5))
    assert await stage.numbers() == [1, 2, 3, 2, 3]


async def test_a_trace_goes_on_from_the_request_to_the_consumer(stage: Stage) -> None:
    seen: list[str | None] = []

    async def look(session: AsyncSession, events: Sequence[Any], *, now: datetime) -> None:
        await append_effects(session, events, now=now)
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


# --- helpers ------------------------------------------------------------------------------------


async def _stored(stage: Stage, offset: int) -> bool:
    return (await next_offsets(stage)).get(0, 0) >= offset


async def _has_effects(stage: Stage, count: int) -> bool:
    return await stage.count("effect") >= count


async def _all_begun(stage: Stage) -> bool:
    return len(await next_offsets(stage)) == PARTITIONS


async def _compacted(stage: Stage) -> bool:
    return len(await stage.published()) < 42


async def _admin(stage: Stage) -> AIOKafkaAdminClient:
    admin = AIOKafkaAdminClient(**connection_options(stage.kafka))
    await admin.start()
    return admin


async def _cluster(stage: Stage) -> str:
    admin = await _admin(stage)
    try:
        return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()


async def _delete_records_before(stage: Stage, offset: int) -> None:
    admin = await _admin(stage)
    lane = TopicPartition(stage.topic.name, 0)
    await admin.delete_records({lane: RecordsToDelete(before_offset=offset)})
    await admin.close()


async def _delete_topic(stage: Stage) -> None:
    admin = await _admin(stage)
    await admin.delete_topics([stage.topic.name])
    await until(lambda: _is_gone(admin, stage.topic.name))
    await admin.close()


async def _make_topic_anew(stage: Stage) -> None:
    await _delete_topic(stage)
    admin = await _admin(stage)
    await admin.create_topics([NewTopic(stage.topic.name, PARTITIONS, 1)])
    await admin.close()


async def _is_gone(admin: AIOKafkaAdminClient, topic: str) -> bool:
    return topic not in await admin.list_topics()


async def _committed_to_kafka(stage: Stage, offset: int) -> bool:
    admin = await _admin(stage)
    try:
        committed = await admin.list_consumer_group_offsets(stage.group)
    finally:
        await admin.close()
    found = committed.get(TopicPartition(stage.topic.name, 0))
    return found is not None and found.offset == offset
