"""`POST /v2/notifications/sms` and `/email`.

Plain ASGI: this is the one hot path, and a framework route made it half as dear again
(85 against 53 µs a message) without a body model.
"""

from http import HTTPStatus

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from notify_sandbox import sending
from notify_sandbox.asgi import base_url, header, read_body, respond
from notify_sandbox.errors import NotifyError
from notify_sandbox.recipients import SMOKE_RECIPIENTS
from notify_sandbox.sandbox import Sandbox
from notify_sandbox.templates import Kind

_KINDS: dict[str, Kind] = {"/v2/notifications/sms": "sms", "/v2/notifications/email": "email"}


class SendRoutes:
    """Takes the two sending routes before the framework sees them, and passes on the rest."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox
        self._encode = msgspec.json.Encoder().encode

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a send, or pass the request on."""
        kind = _KINDS.get(scope["path"]) if scope["type"] == "http" else None
        if kind is None or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = await read_body(receive)
        try:
            document = await self._accept(kind, scope, body)
        except NotifyError as error:
            self._sandbox.store.refused += error.status == HTTPStatus.BAD_REQUEST
            await respond(send, error.status, error.body())
        else:
            await respond(send, 201, self._encode(document))

    async def _accept(self, kind: Kind, scope: Scope, body: bytes) -> sending.Fields:
        sandbox = self._sandbox
        now = sandbox.switches.clock.now()
        key = sandbox.keys.holder(header(scope, b"authorization"), now)
        message, changed = sending.accept(kind, body, key=key, catalogue=sandbox.catalogue, now=now)
        document = sending.answer(message, base_url(scope), changed)
        if message.recipient not in SMOKE_RECIPIENTS:
            sandbox.store.add(message)
            await sandbox.delivery.begin(message)
        return document
