"""How an API listens: connections that only cost are ended before they cost much.

The front door has such limits, and is what outsiders reach; this is the second line, for whoever
calls a service's own port.
"""

import asyncio
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES: Final = 32 * 1024
"""What a request may have before its body, and one more piece as it came from the network."""
HEAD_SECONDS: Final = 10.0
"""How long that may take, from the connection or from a later request's first byte."""

_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which has no limit for the head of a request, with two."""

    _head_bytes: int | None = None  # None after the head, until the next request begins
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head at once."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Take what has come, and no more of a head than there may be."""
        was_expected = self._head_bytes is not None
        super().data_received(data)
        if self._head_bytes is None or not was_expected:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Expect the rest of a head."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """Expect no more of it."""
        self._head_bytes = None
        self._stop_timer()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_bytes = 0
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def server(app: ASGIApp, host: str, port: int) -> uvicorn.Server:
    """Return a server of an application at an address; nothing is believed of who forwards."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        proxy_headers=False,
        server_header=False,
        access_log=False,  # the metrics count requests; paths may hold ids of children
        log_level="warning",
        # Longer than clients keep idle connections: one closed under a request looks like a fault.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)
