"""What every answer of a service carries, whoever gave it: a route, a library, a fault of ours."""

from typing import Final

from starlette.status import HTTP_413_CONTENT_TOO_LARGE
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attendance_runtime.web import problems
from attendance_runtime.web.openapi import Described

# Answers are about children: nobody keeps them, guesses what they are, or shows them as a page.
# A route that means otherwise says so itself.
_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
HEADERS_AT_MOST: Final = 100
_PLAIN_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")


class Application(Described):
    """An application whose every answer is headed, also the one given outside all middleware."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the headers around everything that answers."""
        return Headed(super().build_middleware_stack())


class Headed:
    """Adds the headers that every answer has, and takes no request with too many of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add what its answer has not said itself."""

        async def send_headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                more = [header for header in _HEADERS if header[0] not in said]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        if len(scope.get("headers", ())) > HEADERS_AT_MOST:
            detail = f"Send at most {HEADERS_AT_MOST} headers."
            refusal = problems.problem(431, "Too many headers", detail=detail)
            await refusal(scope, receive, send_headed)
            return
        await self._app(scope, receive, send_headed)


class Explained:
    """Says as a problem what the limit of a body says in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and replace the answer that is no document of ours."""
        explained = False

        async def send_explained(message: Message) -> None:
            nonlocal explained
            too_large = message.get("status") == HTTP_413_CONTENT_TOO_LARGE
            if too_large and _PLAIN_TEXT in message["headers"]:
                explained = True
                await problems.too_large(scope)(scope, receive, send)
            elif not explained:
                await send(message)

        await self._app(scope, receive, send_explained)
