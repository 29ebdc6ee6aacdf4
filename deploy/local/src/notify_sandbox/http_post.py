"""One POST at a time over a kept connection.

A general HTTP client costs more for each receipt than the rest of the sandbox together, and a load
run brings thousands a second: this one does the single thing a receipt needs.
"""

import asyncio
import re
from urllib.parse import urlsplit

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+) *\r\n", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close *\r\n", re.IGNORECASE)
_NO_BODY = frozenset({204, 304})


class HttpPost:
    """A connection to one receiver after another, opened when needed and kept while it lasts."""

    def __init__(self) -> None:
        self._origin = ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, url: str, token: str, body: bytes) -> int:
        """Post a JSON body with a bearer token and return the status of the answer.

        OSError: no answer came; the receiver may have the body all the same.
        """
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        authorization = f"authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST {target} HTTP/1.1\r\nhost: {parts.netloc}\r\n{authorization}"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        kept = self._streams is not None and self._origin == f"{parts.scheme}://{parts.netloc}"
        if kept:
            try:
                return await self._exchange(head.encode() + body)
            except ConnectionError:
                pass  # the receiver had closed the kept connection: the same once more on a new one
        await self._connect(parts.scheme, parts.hostname or "", parts.port)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        return await self._exchange(head.encode() + body)

    def close(self) -> None:
        """Drop the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _connect(self, scheme: str, host: str, port: int | None) -> None:
        self.close()
        tls = scheme == "https"
        self._streams = await asyncio.open_connection(
            host, port or (443 if tls else 80), ssl=tls or None
        )

    async def _exchange(self, request: bytes) -> int:
        if self._streams is None:
            raise ConnectionError("not connected")
        reader, writer = self._streams
        writer.write(request)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            status, length = _read_head(head)
            if length is None:
                self.close()  # its body has no end that is worth waiting for
            else:
                await reader.readexactly(length)
        except (EOFError, asyncio.LimitOverrunError) as error:
            self.close()
            raise ConnectionError("the answer broke off") from error
        return status


def _read_head(head: bytes) -> tuple[int, int | None]:
    """The status, and how long a body follows: None when only the connection's end would tell."""
    line = _STATUS_LINE.match(head)
    if line is None:
        raise ConnectionError("the answer is no HTTP")
    status = int(line[1])
    length = _LENGTH.search(head)
    if _CLOSE.search(head):
        return status, None
    if status in _NO_BODY:
        return status, 0
    return status, int(length[1]) if length else None
