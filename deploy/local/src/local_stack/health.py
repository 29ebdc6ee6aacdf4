import asyncio
from collections.abc import Awaitable, Callable

import httpx

from local_stack.ports import LOOPBACK


def listens_on(port: int) -> Callable[[], Awaitable[bool]]:
    """Return a check that something accepts connections on a loopback port."""

    async def check() -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), 1)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True

    return check


def answers(url: str) -> Callable[[], Awaitable[bool]]:
    """Return a check that a GET of an address gives 200."""

    async def check() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                return (await client.get(url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return check
