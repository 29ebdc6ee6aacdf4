"""What a process holds from start to end, built once in `process` and passed down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from attendance_runtime.access.callers import TokenVerifier
from attendance_runtime.clock import Clock
from attendance_runtime.database import Database
from attendance_runtime.settings import KafkaSettings, ServiceSettings


class Commits:
    """Whom to wake when the process's own consumer has committed a batch."""

    def __init__(self) -> None:
        self._wake: list[Callable[[], None]] = []

    def then(self, wake: Callable[[], None]) -> None:
        """Have something called after each commit; it must return at once."""
        self._wake.append(wake)

    def tell(self) -> None:
        """Say that a batch has been committed."""
        for wake in self._wake:
            wake()


@dataclass(frozen=True, slots=True)
class Runtime:
    """A process's settings, clock, database and token verifier, and what its commits wake."""

    settings: ServiceSettings
    kafka: KafkaSettings
    clock: Clock
    database: Database
    verifier: TokenVerifier
    commits: Commits = field(default_factory=Commits)


async def the_clock(request: Request) -> Clock:
    """Give a route the clock of its process.

    A coroutine, as every dependency here: FastAPI sends plain functions to a thread, 80 µs each.
    """
    runtime: Runtime = request.app.state.runtime
    return runtime.clock


CurrentClock = Annotated[Clock, Depends(the_clock)]
