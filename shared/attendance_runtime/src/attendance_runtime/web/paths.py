"""Paths whose parts are told apart before they are decoded (RFC 3986, section 2.2).

A server hands over a path that is decoded already: `/classes/1%2F2/registers` then looks like a
class `1` with something below it, and no route is found. Schools do call classes `1/2`.
"""

from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send


class AsSent:
    """Hands a path on as it was sent; every route decodes the parts that it names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and b"%" in (sent := scope.get("raw_path") or b""):
            scope["path"] = sent.decode("latin-1")
        await self._app(scope, receive, send)


def decode_parts(request: Request) -> None:
    """Decode the parts of a path that its route has named."""
    if "%" in request.scope["path"]:
        named = request.scope["path_params"]
        request.scope["path_params"] = {name: unquote(part) for name, part in named.items()}
