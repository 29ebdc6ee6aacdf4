"""Second copies of an event, and numbers and offsets that are missing."""

import asyncio
from dataclasses import replace

from sqlalchemy import text
from structlog.testing import capture_logs

from attendance_runtime.messaging import offsets
from attendance_runtime.messaging.lanes import Lane

from .looks import (
    cluster_of,
    compacted,
    delete_records_before,
    has_effects,
    make_topic_anew,
    next_offsets,
    stored,
)
from .stage import (
    PARTITIONS,
    QUICK_CONSUMER,
    SUBJECTS,
    Stage,
    running,
    until,
)


async def test_a_second_copy_under_a_new_offset_is_applied_once(stage: Stage) -> None:
    await stage.put([1, 2, 3])
    await stage.put([2, 3])
    await stage.put([3, 4])
    async with running(stage.consumer()):
        await until(lambda: stored(stage, 7))
    assert await stage.numbers() == [1, 2, 3, 4]


async def test_a_second_copy_in_a_later_batch_is_applied_once(stage: Stage) -> None:
    async with running(stage.consumer()):
        await stage.put([1, 2, 3])
        await until(lambda: stored(stage, 3))
        await stage.put([1, 2, 3, 4])
        await until(lambda: stored(stage, 7))
    assert await stage.numbers() == [1, 2, 3, 4]


async def test_two_sources_in_one_partition_keep_numbers_of_their_own(stage: Stage) -> None:
    await stage.put([1, 2], source="urn:firstday:one")
    await stage.put([1, 2], source="urn:firstday:other")
    async with running(stage.consumer()):
        await until(lambda: stored(stage, 4))
    assert await stage.numbers() == [1, 2, 1, 2]


async def test_a_restarted_consumer_goes_on_where_it_stopped(stage: Stage) -> None:
    for start in (1, 4):
        await stage.put(range(start, start + 3))
        async with running(stage.consumer()):
            await until(lambda: stored(stage, start + 2))  # noqa: B023 - awaited in the loop
    assert await stage.numbers() == [1, 2, 3, 4, 5, 6]


async def test_a_missing_number_stops_its_partition_and_no_other(stage: Stage) -> None:
    """A topic that was deleted and made anew continues its offsets, not its numbers."""
    await stage.put([1, 2])
    await stage.put([4, 5])
    await stage.put([1, 2, 3], partition=1, subject=SUBJECTS[1])
    consumer = stage.consumer(settings=replace(QUICK_CONSUMER, batch_records=2))
    with capture_logs() as logs:
        async with running(consumer):
            await until(lambda: consumer.stopped)
            await until(lambda: has_effects(stage, 5))
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
    await until(lambda: compacted(stage))
    async with running(stage.consumer()):
        await until(lambda: stored(stage, 42))
        await stage.put([42, 43])
        await until(lambda: stored(stage, 44))
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
        await until(lambda: stored(stage, 10))
    await stage.put(range(11, 21))
    await delete_records_before(stage, 15)
    await stage.put([1], partition=1, subject=SUBJECTS[1])
    settings = replace(QUICK_CONSUMER, rebuild_command="python -m stage_service rebuild")
    consumer = stage.consumer(settings=settings)
    with capture_logs() as logs:
        async with running(consumer):
            await until(lambda: consumer.stopped)
            await until(lambda: has_effects(stage, 11))
    assert list(consumer.stopped) == [Lane(stage.topic.name, 0)]
    assert await stage.numbers() == [*range(1, 11), 1]
    [alarm] = [entry for entry in logs if entry["event"] == "consumer.lane_stopped"]
    assert alarm["log_level"] == "critical"
    assert "python -m stage_service rebuild" in alarm["remedy"]


async def test_a_group_new_to_a_topic_whose_beginning_is_gone_says_so(stage: Stage) -> None:
    await stage.put(range(1, 11))
    await delete_records_before(stage, 5)
    consumer = stage.consumer()
    async with running(consumer):
        await until(lambda: consumer.stopped)
    assert await stage.effects() == []


async def test_a_topic_made_anew_is_noticed(stage: Stage) -> None:
    await stage.put(range(1, 11))
    async with running(stage.consumer()):
        await until(lambda: stored(stage, 10))
    await make_topic_anew(stage)
    await stage.put(range(11, 31))  # more than were there: the stored offset exists again
    consumer = stage.consumer()
    async with running(consumer):
        await until(lambda: consumer.stopped)
    assert await stage.numbers() == list(range(1, 11))


async def test_offsets_of_another_kafka_cluster_are_not_used(stage: Stage) -> None:
    await stage.put([1, 2, 3])
    async with running(stage.consumer()):
        await until(lambda: stored(stage, 3))
    async with stage.database.transaction() as db:
        await db.execute(text("UPDATE consumer_offset SET cluster_id = 'another'"))
    consumer = stage.consumer()
    async with running(consumer):
        await until(lambda: len(consumer.stopped) == PARTITIONS)
    assert set(consumer.stopped.values()) == {"its offset belongs to another Kafka cluster"}


async def test_after_a_rebuild_a_group_continues_at_the_noted_offset(stage: Stage) -> None:
    await stage.put(range(1, 11))
    async with stage.database.transaction() as db:
        noted = {Lane(stage.topic.name, 0): 6}
        await offsets.restart_at(db, stage.group, noted, cluster_id=await cluster_of(stage))
    async with running(stage.consumer()):
        await until(lambda: stored(stage, 10))
    assert await stage.numbers() == [7, 8, 9, 10]
