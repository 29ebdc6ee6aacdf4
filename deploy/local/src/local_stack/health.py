import asyncio
from collections.abc import Awaitable, Callable

import httpx

from local_stack.ports import LOOPBACK

_HTTP_PORT = 80


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
    # Something must listen before it is worth making a client: each reads the machine's
    # certificates, which took a core from the processes that are waited for.
    listening = listens_on(httpx.URL(url).port or _HTTP_PORT)

    async def check() -> bool:
        if not await listening():
            return False
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                return (await client.get(url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return check
