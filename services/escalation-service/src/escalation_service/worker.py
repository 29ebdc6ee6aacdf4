"""Time → use case: counts planned absences as their sessions begin, beside the consumer."""

import asyncio
from functools import partial

from attendance_runtime.copies.beginnings import SESSION_BEGINS
from attendance_runtime.runtime import Runtime
from attendance_runtime.timers import run_timers
from escalation_service.consumer import POLICIES
from escalation_service.reactions import begin_sessions


async def begin_sessions_forever(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Decide by planned absences from the moment their session begins, until told to stop."""
    begin = partial(begin_sessions, policies=POLICIES)
    await run_timers(runtime.database, runtime.clock, stopping, {SESSION_BEGINS: begin})
