"""After a rebuild a stopped lane goes on; before it, nothing was skipped that was not read."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from pydantic import SecretStr

from attendance_runtime.clock import SystemClock
from attendance_runtime.copies.rebuilding import Rebuild, rebuild
from attendance_runtime.messaging import kafka
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.runtime import Runtime
from attendance_testing.register import StandInRegister

from .looks import delete_records_before
from .stage import QUICK_CONSUMER, Stage, running, until


@pytest.fixture
async def register() -> AsyncIterator[str]:
    """A register without a school, and the issuer of tokens for it."""
    async with StandInRegister().serving() as opened:
        yield opened.url


Rebuilt = Callable[..., Any]


@pytest.fixture
def rebuilt(stage: Stage, register: str) -> Rebuilt:
    """Rebuild on the stage; the service's own part is what a test gives."""

    async def run(project: Callable[[], bool] = lambda: True, **options: Sequence[str]) -> int:
        async def own_part(_: Runtime, __: object, schools: Sequence[UUID]) -> bool:
            assert list(schools) == []
            return project()

        settings = SimpleNamespace(
            issuer_url=register,
            register_url=register,
            client_id="stage",
            client_secret=SecretStr("quiet"),
            register_scope=None,
        )
        runtime = SimpleNamespace(
            kafka=stage.kafka, database=stage.database, clock=SystemClock(), settings=settings
        )
        how = Rebuild(lambda _: cast("Any", settings), own_part)
        return await rebuild(
            cast("Runtime", runtime), how, [stage.route()], group=stage.group, **options
        )

    return run


async def stop_by_retention(stage: Stage) -> None:
    """Leave a lane whose place the brokers no longer hold: 1 to 10 applied, 11 to 15 lost."""
    await stage.put(range(1, 11))
    async with running(stage.consumer()):
        await until(lambda: has_numbers(stage, 10))
    await stage.put(range(11, 21))
    await delete_records_before(stage, 15)


async def has_numbers(stage: Stage, count: int) -> bool:
    return len(await stage.numbers()) >= count


async def test_a_stopped_lane_goes_on_after_what_the_rebuild_has_read(
    stage: Stage, rebuilt: Rebuilt, capsys: pytest.CaptureFixture[str]
) -> None:
    await stop_by_retention(stage)

    assert await rebuilt(restart=[str(Lane(stage.topic.name, 0))]) == 0

    assert f"{stage.topic.name}/0 goes on at 20" in capsys.readouterr().out
    await stage.put([21, 22])
    async with running(stage.consumer()):
        await until(lambda: has_numbers(stage, 12))
    assert await stage.numbers() == [*range(1, 11), 21, 22]


async def test_without_being_asked_it_moves_no_lane(stage: Stage, rebuilt: Rebuilt) -> None:
    await stop_by_retention(stage)

    assert await rebuilt() == 0

    consumer = stage.consumer(settings=replace(QUICK_CONSUMER))
    async with running(consumer):
        await until(lambda: consumer.stopped)


async def test_a_lane_that_nobody_reads_is_refused(
    rebuilt: Rebuilt, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await rebuilt(restart=["elsewhere/0"]) == 2

    assert "elsewhere/0 is read by no worker" in capsys.readouterr().err


async def test_what_is_not_true_afterwards_is_told(rebuilt: Rebuilt) -> None:
    assert await rebuilt(lambda: False) == 1


async def test_a_topic_is_read_again_to_its_end(stage: Stage) -> None:
    await stage.put(range(1, 6))
    await stage.put(range(1, 4), partition=2)

    read = [cast("Any", event).number async for event in kafka.reread(stage.kafka, stage.topic)]

    assert sorted(read) == [1, 1, 2, 2, 3, 3, 4, 5]


async def test_a_topic_that_never_held_anything_is_at_its_end(stage: Stage) -> None:
    assert [event async for event in kafka.reread(stage.kafka, stage.topic)] == []
