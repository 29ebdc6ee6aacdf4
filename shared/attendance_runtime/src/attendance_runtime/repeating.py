"""Work that a worker does over and over beside its consumer."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from attendance_runtime.trouble import describe, is_transient

_log = structlog.get_logger()

_AFTER_FAULT_SECONDS = 0.5


async def repeat(
    work: Callable[[], Awaitable[int]], stopping: asyncio.Event, *, idle: float
) -> None:
    """Do some work until told to stop: at once while it finds any, else after a pause in seconds.

    A database that is away is waited for; any other error ends the process, which is started anew.
    """
    while not stopping.is_set():
        pause = idle
        try:
            if await work():
                continue
        except Exception as error:
            if not is_transient(error):
                raise
            _log.warning("work.interrupted", error=describe(error))
            pause = _AFTER_FAULT_SECONDS
        try:
            await asyncio.wait_for(stopping.wait(), pause)
        except TimeoutError:
            continue
