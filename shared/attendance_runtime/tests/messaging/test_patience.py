"""Waiting between attempts, and giving up when the budget is used."""

import asyncio

import pytest

from attendance_runtime.messaging.patience import GaveUp, Patience


async def failures(patience: Patience, times: int) -> None:
    """Fail so often in a row."""
    for _ in range(times):
        await patience.wait(TimeoutError(), asyncio.Event())


async def test_failures_within_the_budget_are_waited_out() -> None:
    await failures(Patience(30), 2)


async def test_failures_beyond_the_budget_end_it() -> None:
    with pytest.raises(GaveUp):
        await failures(Patience(0.15), 3)


async def test_a_success_starts_the_budget_again() -> None:
    patience = Patience(0.15)
    for _ in range(3):
        await failures(patience, 1)
        patience.renew()


async def test_a_wish_to_stop_ends_the_wait() -> None:
    stopping = asyncio.Event()
    stopping.set()
    patience = Patience(30)
    async with asyncio.timeout(1):
        for _ in range(12):  # the pauses alone would come to half a minute
            await patience.wait(TimeoutError(), stopping)
