"""Applies delivery receipts in every worker; the API only keeps them."""

import asyncio

from attendance_runtime.repeating import repeat
from attendance_runtime.runtime import Runtime
from notification_service.receipts import use_cases

_IDLE_SECONDS = 0.2


async def apply_receipts_forever(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Apply what has come until told to stop."""

    async def apply() -> int:
        async with runtime.database.transaction() as session:
            return await use_cases.apply_waiting(session, now=runtime.clock.now())

    await repeat(apply, stopping, idle=_IDLE_SECONDS)
