"""GOV.UK Notify's version 2 API, as far as it is used here: hand a message over, find it again.

Act on `status_code` and `error`, never on the sentence in `message`: so says its documentation.
"""

import asyncio
import time
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import aiohttp
import msgspec
import structlog
from joserfc import jwt
from joserfc.jwk import OctKey

from notification_service.connections import open_session
from notification_service.messages.domain import (
    Accepted,
    Away,
    Failed,
    Fate,
    Handover,
    TryLater,
    TryTomorrow,
    Unknown,
)
from notification_service.providers.provider import Known, ProviderAway
from notification_service.recipients.domain import Channel

_log = structlog.get_logger()

_PATHS: Final = {Channel.SMS: "/v2/notifications/sms", Channel.EMAIL: "/v2/notifications/email"}
_RATE_LIMIT_WAIT_SECONDS: Final = 10.0
"""Notify counts messages over a rolling minute; ten seconds make room for a sixth of them."""

_RECIPIENT: Final = {Channel.SMS: "phone_number", Channel.EMAIL: "email_address"}


class _Error(msgspec.Struct):
    error: str = ""


class _Errors(msgspec.Struct):
    errors: list[_Error] = []


class _Sent(msgspec.Struct):
    id: UUID


class _Listed(msgspec.Struct):
    notifications: list[_Sent]


class Notify:
    """A `Provider`: a connection pool to GOV.UK Notify, with its signed tokens."""

    def __init__(
        self, url: str, api_key: str, *, timeout_seconds: float, connections: int = 16
    ) -> None:
        self.room = asyncio.Semaphore(connections)
        self.timeout_seconds = timeout_seconds
        # The name in front may hold dashes, so the key is taken apart from the right.
        self._service, self._key = api_key[-73:-37], OctKey.import_key(api_key[-36:])
        self._token = ""
        self._token_second = 0
        self._slow_until = 0.0
        self._http = open_session(url, timeout_seconds=timeout_seconds, connections=connections)

    async def __aenter__(self) -> Self:
        """Use the pool until the block ends."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._http.close()

    @property
    def slow_seconds(self) -> float:
        """How long to hold back, in real seconds: the provider said that we are too fast."""
        return max(0.0, self._slow_until - time.monotonic())

    async def send(self, handover: Handover) -> Fate:
        """Hand a message over once, and say what became of it."""
        body = msgspec.json.encode(_body(handover))
        try:
            async with self._http.post(
                _PATHS[handover.channel], data=body, headers=self._headers(), allow_redirects=False
            ) as answer:
                return self._fate(handover, answer.status, await answer.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Away("provider")  # nothing has left this machine
        except (aiohttp.ClientError, TimeoutError) as error:
            _log.warning("handover.unanswered", error=type(error).__name__)
            return Unknown()

    async def find(self, reference: UUID) -> Known | None:
        """Return what was sent under a reference; None if Notify has nothing.

        Raises `ProviderAway` when it cannot say.
        """
        try:
            async with self._http.get(
                "/v2/notifications",
                params={"reference": str(reference)},
                headers=self._headers(),
                raise_for_status=True,
            ) as answer:
                found = msgspec.json.decode(await answer.read(), type=_Listed)
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError) as error:
            raise ProviderAway from error
        return Known(found.notifications[0].id) if found.notifications else None

    def _fate(self, handover: Handover, status: int, body: bytes) -> Fate:
        if status == HTTPStatus.CREATED:
            return _accepted(handover, body)
        error = _error_of(body)
        _log.warning("handover.refused", status=status, error=error)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            if error == "TooManyRequestsError":
                return TryTomorrow()
            self._slow_until = time.monotonic() + _RATE_LIMIT_WAIT_SECONDS
            return TryLater(_RATE_LIMIT_WAIT_SECONDS)
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return Away("provider")  # our key or our clock is wrong, not the message
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return Failed("refused")
        # A 5xx may come from something that failed after the message had been kept.
        return Unknown()

    def _headers(self) -> dict[str, str]:
        # The token says who and when to the second, so one serves for a second. Real time: the
        # provider compares it with its own clock.
        second = int(time.time())
        if second != self._token_second:
            claims = {"iss": self._service, "iat": second}
            self._token = jwt.encode({"alg": "HS256"}, claims, self._key)
            self._token_second = second
        return {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}


def _body(handover: Handover) -> dict[str, object]:
    body: dict[str, object] = {
        _RECIPIENT[handover.channel]: handover.address,
        "template_id": str(handover.template_id),
        "personalisation": dict(handover.values),
        "reference": str(handover.reference),
    }
    if handover.channel is Channel.EMAIL:
        # Names come from a school's own system: in an e-mail they must not become links.
        body["sanitise_content_for"] = sorted(handover.values)
    return body


def _accepted(handover: Handover, body: bytes) -> Fate:
    try:
        sent = msgspec.json.decode(body, type=_Sent)
    except msgspec.MsgspecError:
        return Unknown()
    return Accepted(handover.reference, sent.id)


def _error_of(body: bytes) -> str:
    try:
        errors = msgspec.json.decode(body, type=_Errors).errors
    except msgspec.MsgspecError:
        return ""
    return errors[0].error if errors else ""
