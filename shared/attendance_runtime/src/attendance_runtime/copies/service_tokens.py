"""Tokens with which a service calls another as itself: client credentials, RFC 6749 §4.4."""

import asyncio
import base64
import time
from http import HTTPStatus
from typing import Final
from urllib.parse import quote_plus

import httpx
import msgspec

from attendance_runtime.errors import Unavailable

# Renewed this long before it expires, so that it is still good when the other side reads it.
_MARGIN_SECONDS: Final = 30


class TokenUnavailable(Unavailable):
    """There is no access token to call with; what needed one was not begun."""


class IssuerAway(TokenUnavailable):
    """The token issuer does not answer, or not as one does: try again later."""


class ClientRefused(TokenUnavailable):
    """The token issuer does not accept this client: its id, secret or grant must be corrected."""


class _Discovery(msgspec.Struct):
    token_endpoint: str


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 60  # seconds; RFC 6749 §5.1 only recommends that it is told


class ServiceToken:
    """A service's own access token: fetched when needed, kept until shortly before it expires.

    Args:
        issuer_url: the OpenID Connect issuer; its discovery document names the token endpoint.
        client_id: the service's own client.
        client_secret: that client's secret.
        scope: what to ask for, where the issuer gives nothing to who does not ask.
    """

    def __init__(
        self, issuer_url: str, client_id: str, client_secret: str, scope: str | None = None
    ) -> None:
        self._discovery_url = f"{issuer_url.rstrip('/')}/.well-known/openid-configuration"
        self._form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        self._authorization = _basic(client_id, client_secret)
        self._value = ""
        self._good_until = 0.0
        self._fetching = asyncio.Lock()

    async def value(self, http: httpx.AsyncClient) -> str:
        """Return a token that is good now; raise `IssuerAway` or `ClientRefused`.

        Those who ask at the same time wait for one and the same.
        """
        async with self._fetching:
            # Tokens live on the real clock, whatever the domain's clock says.
            if time.monotonic() >= self._good_until:
                asked = time.monotonic()
                token = await self._fetch(http)
                self._value = token.access_token
                self._good_until = asked + token.expires_in - _MARGIN_SECONDS
            return self._value

    def forget(self) -> None:
        """Let the next `value` be a new token: the other side has refused this one."""
        self._good_until = 0.0

    async def _fetch(self, http: httpx.AsyncClient) -> _Token:
        try:
            discovery = await http.get(self._discovery_url)
            where = msgspec.json.decode(discovery.raise_for_status().content, type=_Discovery)
            answer = await http.post(
                where.token_endpoint,
                data=self._form,
                headers={"Authorization": self._authorization},
            )
            if answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
                raise ClientRefused(
                    "The token issuer refuses this service's client; correct its id and secret."
                )
            return msgspec.json.decode(answer.raise_for_status().content, type=_Token)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            # The class alone: the message may quote the answer, which may hold a token.
            raise IssuerAway(
                f"The token issuer gives no token ({type(error).__name__}); try again."
            ) from None


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749 §2.3.1: both parts form-encoded, then joined."""
    joined = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(joined.encode()).decode()}"
