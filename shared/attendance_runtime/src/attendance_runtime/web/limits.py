"""Quotas: how much of a process one organisation may have, whoever else wants it.

A process has one core for all its callers, so what one caller takes from another is the number of
its requests that are at work at the same moment, whatever it sends in an hour. Therefore:

- An organisation has a few *places*. Who comes beyond them waits in the organisation's own line,
  before its body is read: a burst is slowed, never refused, and nobody else waits in that line.
- A sliding minute ends a flood that does not end by itself. Its `429` is given a second later, and
  the place stays taken until then: refused at once, a client in a loop would come back at once.

The platform's own services have none: what they ask for follows from what was accepted before.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from prometheus_client import Counter as Count
from prometheus_client import Gauge
from starlette.requests import Request

from attendance_runtime.errors import TooManyRequests
from attendance_runtime.settings import ServiceSettings

_log = structlog.get_logger()

_IN_LINE: Final = Gauge("firstday_requests_in_line", "Requests that wait for their caller's others")
_REFUSED: Final = Count("firstday_requests_over_quota", "Requests answered 429", ["why"])

_OUR_OWN: Final = "service:"


@dataclass(frozen=True, slots=True)
class Quota:
    """What each organisation may have of one process.

    Attributes:
        at_once: requests at work at the same moment.
        a_minute: requests within a sliding minute.
        longest_wait_seconds: how long one may stand in line before it is told to come back.
        refusal_seconds: how long a place is kept by a request that is then refused.
    """

    at_once: int
    a_minute: int
    longest_wait_seconds: float = 5.0
    refusal_seconds: float = 1.0

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """Return what a deployment allows each organisation."""
        return cls(at_once=settings.quota_at_once, a_minute=settings.quota_a_minute)


@dataclass(slots=True)
class _Line:
    """An organisation's places, and how many of its requests hold one or wait for one."""

    places: asyncio.Semaphore
    present: int = 0


class Quotas:
    """Keeps every organisation within its quota of this process."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._minute = RateLimitItemPerMinute(quota.a_minute)
        # The library is told of a hundredth of the minute at once: it starts a thread when it is
        # told, which took as long as the rest of a small request. (Its asynchronous storage starts
        # none, and looks through all its keys instead.)
        self._told_at_once = max(1, quota.a_minute // 100)
        self._untold: Counter[str] = Counter()
        self._rate = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def place(self, organisation: str) -> AsyncIterator[None]:
        """Hold one of an organisation's places until the block ends.

        Raises `TooManyRequests` where none became free in time, or the minute's requests are used.
        """
        if organisation.startswith(_OUR_OWN):
            yield
            return
        line = self._lines.setdefault(organisation, _Line(asyncio.Semaphore(self._quota.at_once)))
        line.present += 1
        try:
            await self._stand_in(line, organisation)
            try:
                await self._count(organisation)
                yield
            finally:
                line.places.release()
        finally:
            line.present -= 1
            if not line.present:
                del self._lines[organisation]

    async def _stand_in(self, line: _Line, organisation: str) -> None:
        if not line.places.locked():
            await line.places.acquire()  # which is at once, without the cost of a time-out
            return
        with _IN_LINE.track_inprogress():
            try:
                async with asyncio.timeout(self._quota.longest_wait_seconds):
                    await line.places.acquire()
            except TimeoutError as error:
                raise _refused(organisation, "places") from error

    async def _count(self, organisation: str) -> None:
        if self._untold[organisation] + 1 < self._told_at_once:
            self._untold[organisation] += 1
            return
        if self._rate.hit(self._minute, organisation, cost=self._told_at_once):
            del self._untold[organisation]
            return
        await asyncio.sleep(self._quota.refusal_seconds)
        reset = self._rate.get_window_stats(self._minute, organisation).reset_time
        raise _refused(organisation, "rate", seconds=reset - time.time())


def _refused(organisation: str, why: str, *, seconds: float = 0) -> TooManyRequests:
    _REFUSED.labels(why).inc()
    _log.warning("quota.exceeded", organisation=organisation, why=why)
    return TooManyRequests(
        "Your organisation asks for more than its share at once; send this again later.",
        retry_after_seconds=max(1, math.ceil(seconds)),
    )


@asynccontextmanager
async def within_quota(request: Request) -> AsyncIterator[None]:
    """Hold a place of the caller's organisation; who calls without an access token has none."""
    principal = getattr(request.state, "principal", None)
    if principal is None:
        yield
        return
    quotas: Quotas = request.app.state.quotas
    async with quotas.place(principal.organisation):
        yield
