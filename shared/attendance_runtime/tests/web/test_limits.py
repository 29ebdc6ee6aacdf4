"""One organisation's flood waits in its own line; nobody else waits for it."""

import asyncio
import time
from typing import Final

import pytest
from prometheus_client import REGISTRY

from attendance_runtime.errors import TooManyRequests
from attendance_runtime.web.limits import Quota, Quotas

SUPPLIER: Final = "supplier:example"
SCHOOL: Final = "school:910001"
AT_ONCE: Final = 2


def quotas(*, a_minute: int = 1000, longest_wait_seconds: float = 5) -> Quotas:
    return Quotas(Quota(AT_ONCE, a_minute, longest_wait_seconds, refusal_seconds=0.05))


def refused(why: str) -> float:
    return REGISTRY.get_sample_value("firstday_requests_over_quota_total", {"why": why}) or 0


class Work:
    """Requests that are at work until they are told to end."""

    def __init__(self, quotas: Quotas) -> None:
        self.quotas = quotas
        self.at_work = 0
        self.most_at_work = 0
        self.done = 0
        self.end = asyncio.Event()

    async def one(self, organisation: str) -> None:
        async with self.quotas.place(organisation):
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
            await self.end.wait()
            self.at_work -= 1
            self.done += 1


async def settled() -> None:
    """Let everything run that can run without time passing."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_burst_is_carried_out_whole_a_few_at_a_time() -> None:
    work = Work(quotas())
    burst = [asyncio.create_task(work.one(SUPPLIER)) for _ in range(50)]
    await settled()
    assert work.at_work == AT_ONCE
    work.end.set()
    await asyncio.gather(*burst)
    assert (work.most_at_work, work.done) == (AT_ONCE, 50)


async def test_nobody_waits_in_another_organisations_line() -> None:
    flooded = quotas()
    flood, office = Work(flooded), Work(flooded)
    burst = [asyncio.create_task(flood.one(SUPPLIER)) for _ in range(50)]
    await settled()
    mine = asyncio.create_task(office.one(SCHOOL))
    await settled()
    assert office.at_work == 1
    for work in (flood, office):
        work.end.set()
    await asyncio.gather(mine, *burst)


async def test_who_stands_in_line_too_long_is_told_to_come_back() -> None:
    work = Work(quotas(longest_wait_seconds=0.05))
    working = [asyncio.create_task(work.one(SUPPLIER)) for _ in range(AT_ONCE)]
    await settled()
    before = refused("places")
    with pytest.raises(TooManyRequests) as error:
        await work.one(SUPPLIER)
    assert error.value.retry_after_seconds == 1
    assert refused("places") == before + 1
    work.end.set()
    await asyncio.gather(*working)
    await work.one(SUPPLIER)


async def test_who_gives_up_in_line_leaves_no_place_taken() -> None:
    work = Work(quotas())
    working = [asyncio.create_task(work.one(SUPPLIER)) for _ in range(AT_ONCE)]
    gone = [asyncio.create_task(work.one(SUPPLIER)) for _ in range(10)]
    await settled()
    for one in gone:
        one.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    work.end.set()
    await asyncio.gather(*working)
    await asyncio.gather(*(work.one(SUPPLIER) for _ in range(10)))
    assert work.done == AT_ONCE + 10


async def test_a_flood_that_does_not_end_is_refused_and_slowed() -> None:
    work = Work(quotas(a_minute=10))
    work.end.set()
    began, before = time.monotonic(), refused("rate")
    asked = (work.one(SUPPLIER) for _ in range(16))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    errors = [answer for answer in answers if isinstance(answer, TooManyRequests)]
    assert (work.done, len(errors), refused("rate") - before) == (10, 6, 6)
    assert all(1 <= error.retry_after_seconds <= 60 for error in errors)
    # Six refusals over two places: each keeps its place for a while.
    assert time.monotonic() - began >= 3 * 0.05
    await work.one(SCHOOL)


async def test_what_the_library_is_told_at_once_lets_no_more_than_a_hundredth_through() -> None:
    work = Work(quotas(a_minute=500))
    work.end.set()
    asked = [work.one(SUPPLIER) for _ in range(520)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, TooManyRequests) for answer in answers) == 520 - work.done
    assert 500 <= work.done < 505
    with pytest.raises(TooManyRequests):  # nor is one let through between two that are refused
        await work.one(SUPPLIER)


async def test_our_own_services_have_no_quota() -> None:
    work = Work(quotas(a_minute=1))
    asked = [asyncio.create_task(work.one("service:notification-service")) for _ in range(20)]
    await settled()
    assert work.at_work == 20
    work.end.set()
    await asyncio.gather(*asked)
