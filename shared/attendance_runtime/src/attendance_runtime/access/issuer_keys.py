"""The keys with which an issuer signs: fetched when first needed, then refreshed behind the scenes.

An issuer that is slow or away holds nobody whose key is known: its keys stay in use until it names
others. No new tokens are made meanwhile, so those that are signed with them run out by themselves.
"""

import asyncio
import math
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, Self, TypeVar

import httpx
import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, RSAKey
from prometheus_client import Counter

from attendance_runtime.access.tokens import ALGORITHMS
from attendance_runtime.errors import Unavailable

_log = structlog.get_logger()

_FETCHES = Counter(
    "firstday_issuer_key_fetches", "Times the token issuer was asked for its keys", ["outcome"]
)

_SMALLEST_RSA_BITS: Final = 2048  # NIST SP 800-131A


@dataclass(frozen=True, slots=True)
class Keys:
    """Public keys, each with the algorithms that it may verify."""

    usable: Sequence[tuple[Key, frozenset[str]]]

    def find(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key with this id that fits the algorithm; without an id, the only one."""
        fitting = [key for key, algorithms in self.usable if algorithm in algorithms]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.kid == kid), None)


class KeySource(Protocol):
    """Where a verifier has its keys from."""

    @property
    def known(self) -> Keys | None:
        """The keys as far as they are known; another object when they have changed."""

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key that a token names, or raise `Unavailable`."""


@dataclass(frozen=True, slots=True)
class GivenKeys:
    """Keys to trust as they are: a `KeySource`."""

    known: Keys

    @classmethod
    def of(cls, published: Iterable[object]) -> Self:
        """Take the keys of a JWK set, as `fetch_keys` does."""
        return cls(Keys(usable_keys(published)))

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key that a token names."""
        return self.known.find(kid, algorithm)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often an issuer is asked and how long it is waited for, in seconds.

    Attributes:
        fresh: how long keys are used without asking again.
        pause: at least so long lies between two questions, whatever tokens come.
        first_pause: likewise, as long as no keys are known.
        caller: how long a caller waits whose token cannot be checked yet.
        answer: how long the issuer has for its answer, in the background.
    """

    fresh: float = 300
    pause: float = 5
    first_pause: float = 1
    caller: float = 2
    answer: float = 10


class IssuerUnreadable(Exception):
    """The issuer's answer is not what one answers; its text may be logged."""


class _Discovery(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct):
    keys: list[object]


@dataclass(slots=True)
class IssuerKeys:
    """The keys that an OpenID Connect issuer publishes: a `KeySource`.

    Attributes:
        issuer_url: as tokens name it in `iss`; its discovery document names the key set.
        patience: how often it is asked, and how long it is waited for.
        known: the keys of the last answer; None before the first.
    """

    issuer_url: str
    patience: Patience = Patience()
    known: Keys | None = field(default=None, init=False)
    _answered_at: float = field(default=-math.inf, init=False)
    _asked_at: float = field(default=-math.inf, init=False)
    _asking: asyncio.Task[None] | None = field(default=None, init=False)

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key that a token names; only who names an unknown one waits for the issuer.

        Raises `Unavailable` while no keys are known at all.
        """
        if self.known is None:
            await self._wait_for_answer()
            if self.known is None:
                raise Unavailable(
                    "The token issuer does not answer, so no token can be checked; try again.",
                    retry_after_seconds=math.ceil(self.patience.first_pause),
                )
        elif time.monotonic() - self._answered_at > self.patience.fresh:
            self._ask()
        found = self.known.find(kid, algorithm)
        if found is None and kid is not None:
            # Perhaps the issuer has changed its keys since it was last asked.
            await self._wait_for_answer()
            found = self.known.find(kid, algorithm)
        return found

    async def _wait_for_answer(self) -> None:
        """Ask, or wait for the answer to what was asked before; return without it in the end."""
        self._ask()
        if self._asking is not None:
            await asyncio.wait({self._asking}, timeout=self.patience.caller)

    def _ask(self) -> None:
        """Ask in the background, unless that was done a moment ago."""
        is_asking = self._asking is not None and not self._asking.done()
        patience = self.patience
        pause = patience.first_pause if self.known is None else patience.pause
        if not is_asking and time.monotonic() - self._asked_at >= pause:
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(self.patience.answer):
                fetched = await fetch_keys(self.issuer_url)
        except (httpx.HTTPError, httpx.InvalidURL, IssuerUnreadable, TimeoutError) as error:
            reason = str(error) if isinstance(error, IssuerUnreadable) else type(error).__name__
            _FETCHES.labels("failed").inc()
            _log.warning("issuer.keys_not_fetched", issuer=self.issuer_url, reason=reason)
            return
        _FETCHES.labels("fetched").inc()
        self._answered_at = time.monotonic()
        if fetched != self.known:
            self.known = fetched


async def fetch_keys(issuer_url: str) -> Keys:
    """Ask an issuer for its keys: discovery (OpenID Connect Discovery 4), then the set it names.

    Raises:
        httpx.HTTPError: the issuer does not answer, or with an error.
        IssuerUnreadable: it answers something else, or names no key that can be used.
    """
    async with httpx.AsyncClient() as http:
        where = await _get(
            http, f"{issuer_url.rstrip('/')}/.well-known/openid-configuration", _Discovery
        )
        if where.issuer != issuer_url:
            raise IssuerUnreadable("It calls itself otherwise; set FIRSTDAY_ISSUER_URL to that.")
        published = await _get(http, where.jwks_uri, _KeySet)
    keys = usable_keys(published.keys)
    if not keys:
        raise IssuerUnreadable("None of the keys it publishes can be used here.")
    return Keys(keys)


Answer = TypeVar("Answer", _Discovery, _KeySet)


async def _get(http: httpx.AsyncClient, url: str, kind: type[Answer]) -> Answer:
    answer = await http.get(url)
    try:
        return msgspec.json.decode(answer.raise_for_status().content, type=kind)
    except (ValueError, RecursionError) as error:
        raise IssuerUnreadable("It answers something else than OpenID Connect's.") from error


def usable_keys(published: Iterable[object]) -> list[tuple[Key, frozenset[str]]]:
    """Return those of the keys that may verify a token, each with its algorithms (RFC 7517 4, 5).

    The others are passed over: one for another purpose, or of a kind that came after this was
    written, must not make the rest unusable.
    """
    return [found for found in map(_usable, published) if found is not None]


class _Purpose(msgspec.Struct):
    """What a published key says of itself, RFC 7517 4."""

    kty: str
    crv: str | None = None
    kid: str | None = None
    use: str = "sig"
    key_ops: list[str] = msgspec.field(default_factory=lambda: ["verify"])
    alg: str | None = None

    @property
    def algorithms(self) -> frozenset[str]:
        """What the key may verify; nothing, if it is for other uses."""
        if self.use != "sig" or "verify" not in self.key_ops:
            return frozenset()
        of_its_kind = ALGORITHMS.get((self.kty, self.crv), frozenset())
        if self.alg is None:
            return of_its_kind
        # RFC 9864 has given EdDSA with this curve a name of its own.
        synonyms = {"EdDSA", "Ed25519"}
        return of_its_kind & (synonyms if self.alg in synonyms else {self.alg})


def _usable(published: object) -> tuple[Key, frozenset[str]] | None:
    try:
        algorithms = msgspec.convert(published, _Purpose).algorithms
        if not algorithms or not isinstance(published, dict):
            return None
        with warnings.catch_warnings(action="ignore"):  # of small keys; they are passed over
            key = JWKRegistry.import_key(published)
    except (JoseError, ValueError, TypeError, OverflowError):
        return None
    if isinstance(key, RSAKey) and key.raw_value.key_size < _SMALLEST_RSA_BITS:
        return None
    return key, algorithms
