"""Counts planned marks as their sessions begin: runs in every worker, beside the consumer."""

import asyncio

from attendance_runtime.copies.beginnings import SESSION_BEGINS
from attendance_runtime.runtime import Runtime
from attendance_runtime.timers import run_timers
from reporting_service.projection.use_cases import begin_sessions


async def begin_sessions_forever(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Count planned marks from the moment their session begins, until told to stop."""
    await run_timers(runtime.database, runtime.clock, stopping, {SESSION_BEGINS: begin_sessions})
