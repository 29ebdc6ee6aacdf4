"""The main job while parts of it break: nothing is lost, nothing is said twice."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaProducer

from attendance_contracts.topics import ABSENCES, REGISTERS

FIRST = "first-contact"
# A lease, the settling time, and a machine that has other things to do.
PROVIDER_IS_ASKED_WITHIN_SECONDS = 100.0
SchoolBuilder = Callable[..., Awaitable[Any]]
Eventually = Callable[..., Awaitable[Any]]


@pytest.fixture
async def provider(platform: Any) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """Switch the Notify sandbox's faults on; they are off again after the test."""
    control = f"{platform.stack.sandbox.url}/sandbox"
    async with httpx.AsyncClient() as http:

        async def fails(**how: object) -> None:
            (await http.put(f"{control}/failure", json=how)).raise_for_status()

        yield fails
        await http.delete(f"{control}/failure")


def kill(stack_file: Path, name: str) -> None:
    """End one of the platform's processes as a crash would; the supervisor starts it again."""
    os.kill(json.loads(stack_file.read_text())["processes"][name]["pid"], signal.SIGKILL)


async def test_a_provider_that_is_down_delays_a_message_and_loses_none(
    a_school: SchoolBuilder, provider: Callable[..., Awaitable[None]]
) -> None:
    """A 503 does not prove that nothing was kept: the provider is asked before it is told again."""
    school = await a_school()
    await provider(mode="unavailable", count=1, applies_to="sends")
    await school.at("09:30")
    await school.send("N/")
    await school.told_at_last(0, FIRST, within_seconds=PROVIDER_IS_ASKED_WITHIN_SECONDS)


async def test_a_provider_that_accepts_and_then_times_out_is_not_told_again(
    a_school: SchoolBuilder, provider: Callable[..., Awaitable[None]]
) -> None:
    """The message's reference is looked up after lease and settling time; it was accepted."""
    school = await a_school()
    await provider(mode="accept-then-close", count=1)
    await school.at("09:30")
    await school.send("N/")
    await school.told_at_last(0, FIRST)
    await asyncio.sleep(8)
    assert await school.told(0) == [FIRST]


@pytest.mark.parametrize(
    "process",
    ["notification-worker-1", "register-worker-1", "reporting-worker-1", "register-api-1"],
)
async def test_a_process_killed_in_the_middle_of_the_work_loses_and_repeats_nothing(
    a_school: SchoolBuilder, stack_file: Path, *, process: str
) -> None:
    school = await a_school(pupils=4)
    await school.at("09:30")
    sending = asyncio.gather(*(school.send("NNNN", day=0) for _ in range(3)))
    await asyncio.sleep(0.02)
    kill(stack_file, process)
    await sending
    for pupil in range(4):
        await school.told_at_last(pupil, FIRST)


async def test_a_client_that_gives_up_while_waiting_may_send_again(
    a_school: SchoolBuilder,
) -> None:
    """A register that was being stored when its sender left is stored whole or not at all."""
    school = await a_school()
    await school.at("09:30")
    for patience in (0.001, 0.004, 0.016):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(school.send("N/"), timeout=patience)
    await school.send("N/")
    assert (await school.send("N/"))["state"] == "unchanged"
    await school.told_at_last(0, FIRST)


async def test_a_poison_message_is_set_aside_and_the_stream_goes_on(
    a_school: SchoolBuilder, platform: Any, eventually: Eventually
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=platform.stack.kafka.bootstrap_servers)
    await producer.start()
    try:
        for topic in (ABSENCES, REGISTERS):
            for partition in range(topic.partitions):
                await producer.send_and_wait(topic.name, b"\xffnot an event", partition=partition)
    finally:
        await producer.stop()
    school = await a_school()
    await school.at("09:30")
    await school.send("N/")
    await school.told_at_last(0, FIRST)

    async def set_aside() -> bool:
        url = platform.stack.services["notification"].database_url
        database = await asyncpg.connect(url)
        try:
            count = await database.fetchval(
                "SELECT count(*) FROM dead_letter WHERE kind = 'unreadable' AND topic = $1",
                ABSENCES.name,
            )
        finally:
            await database.close()
        return bool(count >= ABSENCES.partitions)

    await eventually(set_aside)
