"""Who is calling: OAuth 2 access tokens (RFC 9068), verified against the issuer's keys.

A token says who (`sub`), for which organisation (`org`) and with which scopes. What its bearer may
reach is not in the token: `access` asks the dated relations, on every request.
"""

import asyncio
import math
import time
from dataclasses import dataclass

import httpx
from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from attendance_runtime.errors import Forbidden, Unauthenticated, Unavailable
from attendance_runtime.web.guarded import Rule

# Asymmetric algorithms only: with HS* a verifier could forge what it verifies.
_ALGORITHMS = ["RS256", "ES256", "EdDSA"]
_KEYS_KEPT_SECONDS = 300.0
_UNKNOWN_KEY_RETRY_SECONDS = 5.0
_TOKENS_REMEMBERED = 4096
_CLOCK_LEEWAY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Principal:
    """The verified bearer of a token.

    Attributes:
        subject: opaque id of the person or client (`sub`).
        organisation: `school:<urn>`, `authority:<code>`, `supplier:<name>` or `service:<name>`;
            `social-care:<code>` holds no relation, what a worker may reach is the worker's own.
        scopes: what the token may be used for, `register.write` for instance.
    """

    subject: str
    organisation: str
    scopes: frozenset[str]

    @property
    def holders(self) -> list[str]:
        """The names under which relations may be held: the organisation's and the person's own."""
        return [self.organisation, self.subject]


class TokenVerifier:
    """Verifies access tokens with the keys that the issuer publishes.

    Args:
        issuer_url: the OpenID Connect issuer; its discovery document names the key set.
        audience: the `aud` every token must carry.
        keys: a key set to trust as it is, instead of the issuer's published one.
    """

    def __init__(self, issuer_url: str, audience: str, *, keys: KeySet | None = None) -> None:
        self._issuer_url = issuer_url
        self._audience = audience
        self._keys = keys
        self._fetched = -math.inf if keys is None else math.inf
        self._fetching = asyncio.Lock()
        self._verified: dict[str, tuple[Principal, float]] = {}

    async def verify(self, token: str) -> Principal:
        """Return the bearer of a token, or raise `Unauthenticated`.

        A verified token is remembered until it expires: checking a signature costs more than the
        rest of a small request.
        """
        known = self._verified.get(token)
        # Token times are on the real clock even when the domain's clock is driven.
        if known is not None and known[1] > time.time():
            return known[0]
        principal, expires = await self._decode(token)
        if len(self._verified) >= _TOKENS_REMEMBERED:
            self._verified.clear()
        self._verified[token] = (principal, expires)
        return principal

    async def _decode(self, token: str) -> tuple[Principal, float]:
        try:
            return self._read(token, await self._key_set(_KEYS_KEPT_SECONDS))
        except (JoseError, ValueError):
            # Perhaps the issuer has changed its keys since we last looked.
            try:
                return self._read(token, await self._key_set(_UNKNOWN_KEY_RETRY_SECONDS))
            except (JoseError, ValueError) as error:
                raise Unauthenticated("The access token does not verify; get a new one.") from error

    def _read(self, token: str, keys: KeySet) -> tuple[Principal, float]:
        decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        if str(decoded.header.get("typ", "")).lower() not in {"at+jwt", "application/at+jwt"}:
            raise ValueError("not an access token")
        jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=_CLOCK_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer_url},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            org={"essential": True},
        ).validate(decoded.claims)
        claims = decoded.claims
        scopes = frozenset(str(claims.get("scope", "")).split())
        principal = Principal(str(claims["sub"]), str(claims["org"]), scopes)
        return principal, float(claims["exp"])

    async def _key_set(self, max_age_seconds: float) -> KeySet:
        async with self._fetching:
            if self._keys is None or time.monotonic() - self._fetched > max_age_seconds:
                self._keys = await self._fetch_keys()
                self._fetched = time.monotonic()
            return self._keys

    async def _fetch_keys(self) -> KeySet:
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                discovery = await client.get(f"{self._issuer_url}/.well-known/openid-configuration")
                keys = await client.get(discovery.raise_for_status().json()["jwks_uri"])
                return KeySet.import_key_set(keys.raise_for_status().json())
        except httpx.HTTPError as error:
            raise Unavailable("The token issuer cannot be reached; try again.") from error


async def current_principal(request: Request) -> Principal:
    """Return who sent this request, or raise `Unauthenticated`; asked again, say it again."""
    known: Principal | None = getattr(request.state, "principal", None)
    if known is not None:
        return known
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send an access token: `Authorization: Bearer …`.")
    verifier: TokenVerifier = request.app.state.runtime.verifier
    request.state.principal = principal = await verifier.verify(token)
    return principal


@dataclass(frozen=True, slots=True)
class Allowed(Rule):
    """A route's authorisation rule: the scope its callers' tokens must carry.

    Every route has one (an architecture test walks them all); the use of the objects themselves is
    then checked by `access.require`.
    """

    scope: str

    async def __call__(self, request: Request) -> Principal:
        """Return the caller, or raise `Forbidden` when the token lacks the scope."""
        principal = await current_principal(request)
        if self.scope not in principal.scopes:
            raise Forbidden(f"This needs a token with the scope `{self.scope}`.")
        return principal
