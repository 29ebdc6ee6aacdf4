"""What the platform takes when nothing is asked of it."""

import asyncio

from loaded import Figures, Loaded

_SECONDS = 5


async def at_rest(loaded: Loaded) -> Figures:
    """Return each process's memory in megabytes, and its CPU in milliseconds a second."""
    before = loaded.progress.cpu_seconds()
    await asyncio.sleep(_SECONDS)
    after = loaded.progress.cpu_seconds()
    idle = {
        name: round(1000 * (used - before.get(name, 0.0)) / _SECONDS, 1)
        for name, used in after.items()
    }
    return {"memory_mb": loaded.progress.memory_megabytes(), "cpu_ms_a_second": idle}
