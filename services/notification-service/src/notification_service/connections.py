"""HTTP connections for the sender's own calls: the look-up of recipients, and the hand-over.

aiohttp, not httpx: a call costs a tenth there, and these two are made for every message (ADR 9).
"""

from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

# A kept connection is dropped before the other side is likely to: a request on one that was closed
# meanwhile ends as "unknown", and costs its message the settling time.
_KEEP_CONNECTION_SECONDS: Final = 4.0


def open_session(
    url: str, *, timeout_seconds: float, connections: int = 16
) -> aiohttp.ClientSession:
    """Return a pool of connections to one host, whose paths its calls name.

    Nothing of an answer is remembered, and the proxy is the one that the environment names for the
    host, looked up once for all calls.
    """
    return aiohttp.ClientSession(
        base_url=url,
        # Half the time is for connecting: that nothing was sent shows before all of it is up.
        timeout=aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=timeout_seconds / 2),
        connector=aiohttp.TCPConnector(
            limit=connections, keepalive_timeout=_KEEP_CONNECTION_SECONDS
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=_proxy_of(url),
    )


def _proxy_of(url: str) -> str | None:
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
