"""What a worker does over and over beside its consumer."""

import asyncio

import pytest

from attendance_runtime.repeating import repeat


async def test_a_database_that_is_away_is_waited_for() -> None:
    stopping = asyncio.Event()
    tries = 0

    async def work() -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionError
        stopping.set()
        return 0

    await repeat(work, stopping, idle=0.01)

    assert tries == 2


async def test_a_fault_of_our_own_ends_the_process() -> None:
    async def work() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await repeat(work, asyncio.Event(), idle=0.01)
