"""Consumers that are no longer the owners of what they have in hand."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from attendance_runtime.database import SqlSession
from attendance_runtime.messaging import offsets
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.messaging.offsets import StaleOffsets
from attendance_testing.databases import rolled_back

from .faults_made import GatedDatabase, stage_process
from .looks import has_effects, next_offsets, sample
from .stage import (
    LIMITS,
    PARTITIONS,
    QUICK_CONSUMER,
    SUBJECTS,
    Stage,
    append_effects,
    running,
    until,
)

FROZEN_AT = "INSERT INTO consumer_sequence"


async def test_offsets_move_only_from_where_they_are_expected(stage: Stage) -> None:
    lane = Lane(stage.topic.name, 0)
    async with stage.database.transaction() as db:
        await offsets.find_or_begin(db, stage.group, [lane], cluster_id="here")
        await offsets.advance(db, stage.group, expected={lane: 0}, following={lane: 5})
    with pytest.raises(StaleOffsets):
        async with stage.database.transaction() as db:
            await offsets.advance(db, stage.group, expected={lane: 0}, following={lane: 3})
    with pytest.raises(StaleOffsets):
        async with stage.database.transaction() as db:
            await offsets.lock(db, stage.group, {lane: 0})
    assert await next_offsets(stage) == {0: 5}


async def test_a_new_group_that_begins_twice_at_once_begins_once(stage: Stage) -> None:
    lane = Lane(stage.topic.name, 0)
    async with stage.database.transaction() as other:
        async with rolled_back(stage.database.transaction()) as one:
            await offsets.find_or_begin(one, stage.group, [lane], cluster_id="here")
            waiting = asyncio.create_task(
                offsets.find_or_begin(other, stage.group, [lane], cluster_id="here")
            )
            await asyncio.sleep(0.1)
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
            await until(lambda: has_effects(stage, 3))
            gated.gate.set()
            await until(lambda: has_effects(stage, 3 * PARTITIONS))
            await until(lambda: sample("firstday_stale_batches_total", group=stage.group))
    assert len(set(await stage.effects())) == len(await stage.effects()) == 3 * PARTITIONS
    await gated.dispose()


async def test_an_owner_frozen_in_its_transaction_holds_nothing_up_and_writes_nothing(
    stage: Stage,
) -> None:
    for partition in range(PARTITIONS):
        await stage.put([1, 2, 3], partition=partition, subject=SUBJECTS[partition])
    at = FROZEN_AT
    async with stage_process("consumer", stage, then="freeze", at=at) as process:
        await process.frozen()
        async with running(stage.consumer()):
            await until(lambda: has_effects(stage, 3 * PARTITIONS), seconds=30)
            process.thaw()
            await asyncio.sleep(1)
            await stage.put([4])
            await until(lambda: has_effects(stage, 3 * PARTITIONS + 1))
    assert len(set(await stage.effects())) == len(await stage.effects())


async def test_members_that_come_and_go_in_mid_batch_double_and_lose_nothing(
    stage: Stage,
) -> None:
    async def slow(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
        await append_effects(db, events, now=now)
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
