"""Looks at registers when they are due: runs in every worker, beside the relay."""

import asyncio

from attendance_runtime.runtime import Runtime
from attendance_runtime.timers import run_timers
from register_service.missing.use_cases import REGISTER_DUE, look_at_registers


async def look_at_registers_forever(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Announce registers that are missing as they become so, until told to stop."""
    await run_timers(runtime.database, runtime.clock, stopping, {REGISTER_DUE: look_at_registers})
