"""The gate in front of Notify's routes that lets a request meet a failure switched on by a test."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from notify_sandbox.asgi import break_connection, read_body, respond, until_gone
from notify_sandbox.errors import (
    NotifyError,
    bad_request,
    daily_limit_exceeded,
    internal_error,
    rate_limit_exceeded,
)
from notify_sandbox.switches import Failure, FailureMode, Switches

_SENDS = "/v2/notifications/"
_UNAVAILABLE_PAGE = b"<html><body><h1>503 Service Unavailable</h1></body></html>"


class FaultGate:
    """Wraps the application; only paths under `/v2/` can fail, never the control routes."""

    def __init__(self, app: ASGIApp, switches: Switches) -> None:
        self._app = app
        self._switches = switches
        self._answers: Mapping[FailureMode, _Answer] = {
            FailureMode.DOWN: _go_down,
            FailureMode.UNAVAILABLE: _be_unavailable,
            FailureMode.SLOW: self._be_slow,
            FailureMode.ACCEPT_THEN_TIME_OUT: self._hold_the_answer,
            FailureMode.ACCEPT_THEN_CLOSE: self._swallow_the_answer,
            FailureMode.SERVER_ERROR: _refuse,
            FailureMode.RATE_LIMITED: _refuse,
            FailureMode.REFUSED: _refuse,
            FailureMode.DAILY_LIMIT: _refuse,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or let it fail as switched."""
        failure = self._failure(scope)
        if failure is None:
            await self._app(scope, receive, send)
        else:
            await self._answers[failure.mode](failure, scope, receive, send)

    def _failure(self, scope: Scope) -> Failure | None:
        if self._switches.failure is None or scope["type"] != "http":
            return None
        path: str = scope["path"]
        if not path.startswith("/v2/"):
            return None
        is_send = scope["method"] == "POST" and path.startswith(_SENDS)
        return self._switches.take_failure(is_send=is_send)

    async def _be_slow(self, failure: Failure, scope: Scope, receive: Receive, send: Send) -> None:
        # Read first: a server tells nothing but the end of a connection that was closed meanwhile.
        body = await read_body(receive)
        await asyncio.sleep(failure.seconds)

        async def receive_again() -> AsgiMessage:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)

    async def _hold_the_answer(
        self, failure: Failure, scope: Scope, receive: Receive, send: Send
    ) -> None:
        held = await self._answer(scope, receive)
        with suppress(TimeoutError):
            await asyncio.wait_for(until_gone(receive), failure.seconds)
            return
        for message in held:
            await send(message)

    async def _swallow_the_answer(
        self, _failure: Failure, scope: Scope, receive: Receive, send: Send
    ) -> None:
        await self._answer(scope, receive)
        await break_connection(receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> list[AsgiMessage]:
        held: list[AsgiMessage] = []

        async def hold(message: AsgiMessage) -> None:
            held.append(message)

        await self._app(scope, receive, hold)
        return held


_Answer = Callable[[Failure, Scope, Receive, Send], Awaitable[None]]


async def _go_down(_failure: Failure, _scope: Scope, receive: Receive, send: Send) -> None:
    await break_connection(receive, send)


async def _be_unavailable(_failure: Failure, _scope: Scope, _receive: Receive, send: Send) -> None:
    await respond(send, 503, _UNAVAILABLE_PAGE, b"text/html")


async def _refuse(failure: Failure, scope: Scope, _receive: Receive, send: Send) -> None:
    error = _refusal(failure.mode, kind=scope["path"].rpartition("/")[2])
    await respond(send, error.status, error.body())


def _refusal(mode: FailureMode, *, kind: str) -> NotifyError:
    if mode is FailureMode.RATE_LIMITED:
        return rate_limit_exceeded("live")
    if mode is FailureMode.REFUSED:
        return bad_request("Cannot send to this recipient")
    if mode is FailureMode.DAILY_LIMIT:
        return daily_limit_exceeded(kind)
    return internal_error()
