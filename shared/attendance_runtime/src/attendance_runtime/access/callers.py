"""Who is calling: OAuth 2 access tokens (RFC 9068), verified against the issuer's keys.

A token says who (`sub`), for which organisation (`org`) and with which scopes. What its bearer may
reach is not in the token: `access` asks the dated relations, on every request.
"""

import time
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from attendance_runtime.access.issuer_keys import Keys, KeySource
from attendance_runtime.access.tokens import (
    BadToken,
    Bearer,
    TokenRules,
    is_signed,
    read_claims,
    take_apart,
)
from attendance_runtime.errors import Unauthenticated

_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Principal:
    """The verified bearer of a token.

    Attributes:
        subject: opaque id of the person or client (`sub`).
        organisation: `school:<urn>`, `authority:<code>`, `supplier:<name>`, `service:<name>` or
            `platform:<name>`; `social-care:<code>` holds no relation, what a worker may reach is
            the worker's own.
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
    """Verifies access tokens with the keys that their issuer publishes.

    Args:
        rules: which tokens are believed, and by which names the issuer calls things.
        keys: where the issuer's keys are.
    """

    def __init__(self, rules: TokenRules, keys: KeySource) -> None:
        self._rules = rules
        self._keys = keys
        self._verified: dict[str, Bearer] = {}
        self._verified_with: Keys | None = None

    async def verify(self, text: str) -> Principal:
        """Return the bearer of a token, or raise `Unauthenticated`, whatever the text is.

        A verified token is remembered until it expires or the issuer's keys change: checking a
        signature costs more than the rest of a small request.
        """
        is_same = self._verified_with is self._keys.known
        bearer = self._verified.get(text) if is_same else None
        # Token times are on the real clock even when the domain's clock is driven.
        if bearer is None or bearer.expires_at <= time.time():
            try:
                bearer = await self._read(text)
            except BadToken as error:
                raise Unauthenticated("The access token does not verify; get a new one.") from error
            self._remember(text, bearer)
        return Principal(bearer.subject, bearer.organisation, bearer.scopes)

    def _remember(self, text: str, bearer: Bearer) -> None:
        if self._verified_with is not self._keys.known or len(self._verified) >= _REMEMBERED:
            self._verified.clear()
        self._verified_with = self._keys.known
        self._verified[text] = bearer

    async def _read(self, text: str) -> Bearer:
        """Check the form and the claims before the key: the issuer is asked about nothing else."""
        token = take_apart(text, self._rules)
        bearer = read_claims(token.claims, self._rules, now=time.time())
        key = await self._keys.find(token.header.kid, token.header.alg)
        if key is None or not is_signed(token, key):
            raise BadToken("No key of the issuer's has signed this.")
        return bearer


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
