"""The relay's rules, each with the fault that it prevents."""

import asyncio
from collections import defaultdict
from typing import Literal

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from attendance_runtime.messaging import outbox
from attendance_runtime.messaging.claims import lock_connection

from .faults_made import connection_killed_at, stage_process
from .published import Published
from .stage import NINE, Stage, running, until

STEPS = {
    "before the outbox is looked at": "EXISTS (SELECT FROM outbox)",
    "before the claim is read": "payload, headers, created_at FROM outbox",
    "before the sequences are reserved": "INSERT INTO outbox_sequence",
    "before the claim is stored": "INSERT INTO outbox_claim",
    "between acknowledgement and delete": "DELETE FROM outbox WHERE",
}


HALF_SENT = "half a claim"


async def all_published(stage: Stage) -> bool:
    """Tell whether nothing waits any more."""
    return await stage.count("outbox") == 0


def sequences_by_partition(published: list[Published]) -> dict[int, list[int]]:
    """Group the sequences found by partition, in offset order."""
    grouped: dict[int, list[int]] = defaultdict(list)
    for record in published:
        grouped[record.partition].append(record.sequence)
    return grouped


def first_copies(sequences: list[int]) -> list[int]:
    """Return what a consumer takes: each number when it is the next."""
    taken: list[int] = []
    for sequence in sequences:
        if sequence == len(taken) + 1:
            taken.append(sequence)
    return taken


async def test_each_partition_gets_dense_sequences_from_one(stage: Stage) -> None:
    await stage.announce(range(300))
    async with running(stage.relay()):
        await until(lambda: all_published(stage))
    for sequences in sequences_by_partition(await stage.published()).values():
        assert sequences == list(range(1, len(sequences) + 1))


async def test_sequences_go_on_where_the_last_relay_stopped(stage: Stage) -> None:
    for start in (0, 60):
        await stage.announce(range(start, start + 60))
        async with running(stage.relay()):
            await until(lambda: all_published(stage))
    for sequences in sequences_by_partition(await stage.published()).values():
        assert sequences == list(range(1, len(sequences) + 1))


async def test_one_subject_stays_in_one_partition_and_in_order(stage: Stage) -> None:
    await stage.announce(range(200))
    async with running(stage.relay()):
        await until(lambda: all_published(stage))
    places = defaultdict(set)
    for record in await stage.published():
        places[record.key].add(record.partition)
    assert {len(partitions) for partitions in places.values()} == {1}


async def test_a_row_committed_late_is_published_although_higher_ids_went_before(
    stage: Stage,
) -> None:
    """Insert order is not commit order: "all up to id n" would never see the late row."""
    async with running(stage.relay()), stage.database.transaction() as late:
        await outbox.announce(late, stage.events([0]), now=NINE)
        await stage.announce([1])
        await until(lambda: all_published(stage))
    async with running(stage.relay()):
        await until(lambda: all_published(stage))
    assert len(await stage.published()) == 2


async def test_only_one_of_two_relays_publishes_at_a_time(stage: Stage) -> None:
    await stage.announce(range(400))
    async with running(stage.relay(), stage.relay(), stage.relay()):
        await until(lambda: all_published(stage))
    for sequences in sequences_by_partition(await stage.published()).values():
        assert sequences == list(range(1, len(sequences) + 1))


@pytest.mark.parametrize("step", STEPS)
async def test_a_connection_lost_between_two_steps_loses_nothing_and_renumbers_nothing(
    stage: Stage, step: str
) -> None:
    await stage.announce(range(120))
    with connection_killed_at(STEPS[step]) as kill:
        async with running(stage.relay(), stage.consumer()):
            await stage.expect_exactly_once(120)
    assert kill.times == 1
    for sequences in sequences_by_partition(await stage.published()).values():
        assert first_copies(sequences) == list(range(1, max(sequences) + 1))


async def test_a_connection_lost_while_an_inherited_claim_is_loaded_loses_nothing(
    stage: Stage,
) -> None:
    await stage.announce(range(120))
    async with stage_process("relay", stage, then="die", at=HALF_SENT) as process:
        await process.dead()
    with connection_killed_at("JOIN outbox USING") as kill:
        async with running(stage.relay(), stage.consumer()):
            await stage.expect_exactly_once(120)
    assert kill.times == 1


@pytest.mark.parametrize("then", ["die", "freeze"])
@pytest.mark.parametrize(
    "step", ["before the claim is stored", HALF_SENT, "between acknowledgement and delete"]
)
async def test_a_relay_that_dies_or_freezes_is_followed_by_another(
    stage: Stage, step: str, then: Literal["die", "freeze"]
) -> None:
    """The frozen one wakes after its successor has done everything, and can write nothing."""
    await stage.announce(range(120))
    async with stage_process("relay", stage, then=then, at=STEPS.get(step, step)) as process:
        await (process.dead() if then == "die" else process.frozen())
        async with running(stage.relay(), stage.consumer()):
            await stage.expect_exactly_once(120)
            if then == "freeze":
                process.thaw()
                await asyncio.sleep(1)
            await stage.announce(range(120, 160))
            await stage.expect_exactly_once(160)
    copies = sum(map(len, sequences_by_partition(await stage.published()).values()))
    if step == "between acknowledgement and delete":
        assert copies > 160, "the second copies that consumers must recognise"


async def test_a_lost_lock_is_a_dead_connection_which_can_write_nothing(stage: Stage) -> None:
    await stage.announce(range(10))
    async with lock_connection(stage.database, lost_after_seconds=0.3) as lock:
        assert await lock.try_lock()
        claim = await lock.take_claim(10)
        assert claim is not None
        await asyncio.sleep(0.8)  # frozen: no ping
        with pytest.raises(Exception, match="closed"):
            await lock.finish(claim)
    assert await stage.count("outbox") == 10
    assert await stage.count("outbox_claim") == 1


async def test_a_successor_gets_the_claim_its_predecessor_left_under_the_same_numbers(
    stage: Stage,
) -> None:
    await stage.announce(range(30))
    async with lock_connection(stage.database, lost_after_seconds=4) as lock:
        assert await lock.try_lock()
        left = await lock.take_claim(20)
    async with lock_connection(stage.database, lost_after_seconds=4) as lock:
        assert await lock.try_lock()
        assert await lock.pending_claim() == left


async def test_a_stop_finishes_the_claim_in_hand(stage: Stage) -> None:
    await stage.announce(range(200))
    stopping = asyncio.Event()
    task = asyncio.create_task(stage.relay().run(stopping))
    await until(lambda: stage.count("outbox_claim"))
    stopping.set()
    await task
    assert await stage.count("outbox_claim") == 0


async def test_a_broker_that_is_away_leaves_the_claim_whole_and_the_lock_held(
    stage: Stage,
) -> None:
    await stage.announce(range(10))
    elsewhere = stage.kafka.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    here, stage.kafka = stage.kafka, elsewhere
    relay = stage.relay()
    stage.kafka = here
    async with running(relay):
        await asyncio.sleep(1)
    assert await stage.count("outbox") == 10
    async with running(stage.relay()):
        await until(lambda: all_published(stage))


async def test_what_waits_shows_while_no_relay_gets_as_far_as_publishing(stage: Stage) -> None:
    await stage.announce(range(7))
    async with lock_connection(stage.database, lost_after_seconds=60) as lock:
        assert await lock.try_lock(), "somebody holds the lock and does nothing"
        async with running(stage.relay()):
            await until(lambda: REGISTRY.get_sample_value("firstday_outbox_rows") == 7)


async def test_a_published_row_carries_what_it_was_stored_with(stage: Stage) -> None:
    await stage.announce([7])
    async with running(stage.relay()):
        await until(lambda: all_published(stage))
    [record] = await stage.published()
    headers = {name: value.decode() for name, value in record.headers}
    assert headers["ce_source"] == "urn:firstday:stage"
    assert headers["ce_type"] == stage.type
    assert headers["ce_time"] == "2026-09-07T09:00:00Z"
    assert headers["ce_sequence"] == "0000000000000000001"
    assert headers["content-type"] == "application/json"
    async with stage.database.transaction() as db:
        assert (await db.execute(text("SELECT last FROM outbox_sequence"))).scalars().all() == [1]


async def test_a_row_of_an_event_that_this_release_does_not_know_is_published(
    stage: Stage,
) -> None:
    """The relay asked the event for its topic, and stood still before a row that waited."""
    await stage.announce([1, 2])
    given_up = "UPDATE outbox SET type = 'uk.firstday.given.up.v1' WHERE id % 2 = 0"
    async with stage.database.transaction() as db:
        await db.execute(text(given_up))
    async with running(stage.relay()):
        await until(lambda: all_published(stage))
    types = {dict(record.headers)["ce_type"].decode() for record in await stage.published()}
    assert types == {"uk.firstday.given.up.v1", stage.type}
