"""A day on which nothing breaks: what all others are compared with."""

import asyncio

from fault_run.faults import fault
from fault_run.stage import Stage


@fault("nothing", "nothing is broken")
async def break_nothing(stage: Stage) -> None:
    """Let the afternoon's contact fall due."""
    await stage.contact_is_due()
    await asyncio.sleep(1)
