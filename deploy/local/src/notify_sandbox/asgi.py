"""The few things done below the framework: read a body, send JSON, break a connection."""

from typing import Protocol, cast

from starlette.types import Message, Receive, Scope, Send

JSON = b"application/json"
MAX_BODY_BYTES = 4 * 1024 * 1024


class _Transport(Protocol):
    def abort(self) -> None: ...


class _ServerCycle(Protocol):
    transport: _Transport


async def read_body(receive: Receive) -> bytes:
    """The whole request body; one over 4 MiB is cut off there, and then is no valid JSON."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) < MAX_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
    return body


async def respond(send: Send, status: int, body: bytes, content_type: bytes = JSON) -> None:
    """Send one complete response."""
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def break_connection(receive: Receive, send: Send) -> None:
    """Close the client's connection without a byte of answer.

    ASGI has no word for this: uvicorn's `send` is a method of the object that holds the transport.
    """
    cycle = cast("_ServerCycle", send.__self__)  # type: ignore[attr-defined] # see above
    cycle.transport.abort()
    await until_gone(receive)


async def until_gone(receive: Receive) -> None:
    """Return when the client has closed the connection."""
    message: Message = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()


def header(scope: Scope, name: bytes) -> str:
    """A request header, or an empty string."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return ""


def base_url(scope: Scope) -> str:
    """The address under which the client reached the sandbox."""
    return f"{scope['scheme']}://{header(scope, b'host')}"
