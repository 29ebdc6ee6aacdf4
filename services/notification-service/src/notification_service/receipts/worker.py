"""Applies delivery receipts in every worker; the API only keeps them."""

import asyncio

from attendance_runtime.repeating import repeat
from attendance_runtime.runtime import Runtime
from notification_service.receipts import use_cases
from notification_service.receipts.repository import RECEIPTS_A_BATCH

_GATHER_SECONDS = 0.2


async def apply_receipts_forever(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Apply what has come until told to stop."""

    async def apply() -> bool:
        """Apply one batch; true when it was full and more may wait.

        What comes meanwhile gathers: a batch costs eight statements, whatever its size.
        """
        async with runtime.database.transaction() as db:
            applied = await use_cases.apply_waiting(db, now=runtime.clock.now())
        return applied == RECEIPTS_A_BATCH

    await repeat(apply, stopping, idle=_GATHER_SECONDS)
