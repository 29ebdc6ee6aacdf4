"""What a process holds from start to end, built once in `process` and passed down."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from attendance_runtime.auth import TokenVerifier
from attendance_runtime.clock import Clock
from attendance_runtime.database import Database
from attendance_runtime.settings import KafkaSettings, ServiceSettings


@dataclass(frozen=True, slots=True)
class Runtime:
    """A process's settings, clock, database and token verifier."""

    settings: ServiceSettings
    kafka: KafkaSettings
    clock: Clock
    database: Database
    verifier: TokenVerifier


async def the_clock(request: Request) -> Clock:
    """Give a route the clock of its process.

    A coroutine, as every dependency here: FastAPI sends plain functions to a thread, 80 µs each.
    """
    runtime: Runtime = request.app.state.runtime
    return runtime.clock


CurrentClock = Annotated[Clock, Depends(the_clock)]
