"""Writing together what waits together: one transaction for many requests, each with its answer.

A transaction costs the same for one class's register as for thirty. While one is under way the
requests that come in wait, and the next transaction takes all of them. Nobody waits when nothing is
under way.

- Only a request that still waits is answered: one client that had given up ended the writer, and
  every request after it hung.
- A failing batch is halved until the culprit is alone: one bad request in a hundred refused its
  neighbours, or made each of them a transaction of its own.
- The queue is bounded, beyond it the answer is `503`: no answer comes after its client left.
- A writer ends when nothing waits, so that there is nothing to stop at shutdown: the server waits
  for its requests.

A request whose client gave up may have been written: what is coalesced must be safe to send again.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog
from fastapi import Request
from prometheus_client import Histogram

from attendance_runtime.clock import Clock
from attendance_runtime.database import Database
from attendance_runtime.errors import FirstdayError, Unavailable
from attendance_runtime.runtime import Runtime
from attendance_runtime.trouble import describe, is_transient

_log = structlog.get_logger()

_TOGETHER: Final = Histogram(
    "firstday_coalesced_requests",
    "Requests written in one transaction",
    buckets=(1, 2, 4, 8, 16, 32, 64),
)


class Order(Protocol):
    """What a request asks to be written."""

    @property
    def weight(self) -> int:
        """How much of a batch it takes, in rows."""

    @property
    def key(self) -> Hashable:
        """What it writes to: two orders of one key never share a batch."""


OrderType = TypeVar("OrderType", bound=Order)
Outcome = TypeVar("Outcome")

# `use_case(db, orders, now=…)` carries orders out together. It returns an outcome for each in
# turn, an error where it was refused.
UseCase = Callable[..., Awaitable[Sequence[Outcome | FirstdayError]]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is written at once, and how much may wait.

    Attributes:
        batch_weight: rows in one transaction; an order that weighs more goes alone.
        writers: transactions at the same moment, at most.
        held_up_seconds: a transaction that takes longer is held up by somebody else's lock; what
            comes after it is written by another, and not held up with it.
        gather_seconds: the pause after a transaction, in which the next batch gathers.
        waiting: orders that may wait; the next is refused with `503`.
        transaction_seconds: the most a transaction may take.
    """

    batch_weight: int = 2000
    writers: int = 4
    held_up_seconds: float = 0.25
    gather_seconds: float = 0.01
    waiting: int = 2000
    transaction_seconds: float = 10.0


_LIMITS: Final = Limits()


@dataclass(slots=True, eq=False)
class _Waiting(Generic[OrderType, Outcome]):
    order: OrderType
    answer: asyncio.Future[Outcome]

    def give(self, outcome: Outcome | BaseException) -> None:
        """Answer the request, unless its client has given up."""
        if self.answer.done():
            return
        if isinstance(outcome, BaseException):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


@dataclass
class Coalescing(Generic[OrderType, Outcome]):
    """Carries out one use case for the requests of one process."""

    database: Database
    clock: Clock
    use_case: UseCase[Outcome]
    limits: Limits = _LIMITS
    _queue: deque[_Waiting[OrderType, Outcome]] = field(default_factory=deque)
    _weight: int = 0
    _took_at: float = 0.0
    _writers: set[asyncio.Task[None]] = field(default_factory=set)

    async def submit(self, order: OrderType) -> Outcome:
        """Have an order carried out; return its outcome or raise its error.

        Raises `Unavailable` when too many wait already.
        """
        if len(self._queue) >= self.limits.waiting:
            raise Unavailable("Too much arrives at once; send this again.")
        waiting = _Waiting[OrderType, Outcome](order, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._weight += order.weight
        if self._another_writer_helps():
            self._writers.add(asyncio.create_task(self._write_all()))
        return await waiting.answer

    def _another_writer_helps(self) -> bool:
        """Tell whether what waits needs one more writer than there are."""
        if len(self._writers) >= self.limits.writers:
            return False
        more_than_they_take = self._weight > len(self._writers) * self.limits.batch_weight
        held_up = time.monotonic() - self._took_at > self.limits.held_up_seconds
        return more_than_they_take or held_up

    async def _write_all(self) -> None:
        """Write until nothing waits.

        A writer counts no longer from the very step in which it finds nothing: an order that came
        between the two would rely on one that has stopped looking, and wait for ever.
        """
        try:
            while batch := self._take():
                self._took_at = time.monotonic()
                _TOGETHER.observe(len(batch))
                await self._write(batch)
                await asyncio.sleep(self.limits.gather_seconds)
        finally:
            self._writers = {task for task in self._writers if task is not asyncio.current_task()}

    def _take(self) -> list[_Waiting[OrderType, Outcome]]:
        """Take what fits into one batch, in the order in which it came."""
        taken: list[_Waiting[OrderType, Outcome]] = []
        left: list[_Waiting[OrderType, Outcome]] = []
        keys: set[Hashable] = set()
        room = self.limits.batch_weight
        while self._queue and room > 0:
            waiting = self._queue.popleft()
            self._weight -= waiting.order.weight
            if waiting.answer.done():
                continue
            if waiting.order.key in keys or (taken and waiting.order.weight > room):
                left.append(waiting)
                continue
            keys.add(waiting.order.key)
            taken.append(waiting)
            room -= waiting.order.weight
        self._queue.extendleft(reversed(left))
        self._weight += sum(waiting.order.weight for waiting in left)
        return taken

    async def _write(self, batch: Sequence[_Waiting[OrderType, Outcome]]) -> None:
        """Write a batch; when it fails by a fault of one order, write each half."""
        try:
            outcomes = await self._carry_out([waiting.order for waiting in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, every request gets an answer
            if len(batch) > 1 and not is_transient(error):
                _log.warning("coalescing.halved", orders=len(batch), error=describe(error))
                middle = len(batch) // 2
                await self._write(batch[:middle])
                await self._write(batch[middle:])
                return
            for waiting in batch:
                waiting.give(error)
            return
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.give(outcome)

    async def _carry_out(self, orders: Sequence[OrderType]) -> Sequence[Outcome | FirstdayError]:
        limit = asyncio.timeout(self.limits.transaction_seconds)
        async with limit, self.database.transaction() as db:
            return await self.use_case(db, orders, now=self.clock.now())


def coalescing(
    request: Request, use_case: UseCase[Outcome], limits: Limits = _LIMITS
) -> Coalescing[Any, Outcome]:
    """Return the process's own writer of a use case."""
    runtime: Runtime = request.app.state.runtime
    writers: dict[object, Coalescing[Any, Outcome]] = request.app.state.writers
    if use_case not in writers:
        writers[use_case] = Coalescing(runtime.database, runtime.clock, use_case, limits)
    return writers[use_case]
