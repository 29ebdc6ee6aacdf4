"""An issuer that is away, hangs or changes its keys: who waits, and who does not."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from attendance_runtime.access.callers import TokenVerifier
from attendance_runtime.access.issuer_keys import IssuerKeys, IssuerUnreadable, Patience, fetch_keys
from attendance_runtime.access.tokens import TokenRules
from attendance_runtime.errors import Unauthenticated, Unavailable
from attendance_testing.serving import serving

QUICK_SECONDS = 0.5  # generous to a busy machine; a hanging issuer is waited for far longer
PATIENCE = Patience(pause=1, caller=2)


@dataclass
class StandInIssuer:
    """Publishes the keys that a test gives it, after as long as the test wants."""

    url: str = ""
    name: str | None = None  # what it calls itself, if not by its address
    keys: list[RSAKey] = field(default_factory=list)
    asked: int = 0
    is_away: bool = False
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answering.set()

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/keys", self.key_set),
            ]
        )

    async def discovery(self, _: Request) -> Response:
        self.asked += 1
        await self.answering.wait()
        if self.is_away:
            return Response(status_code=503)
        return JSONResponse({"issuer": self.name or self.url, "jwks_uri": f"{self.url}/keys"})

    async def key_set(self, _: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    def adds_a_key(self, kid: str) -> RSAKey:
        self.keys.append(RSAKey.generate_key(2048, {"kid": kid, "alg": "RS256"}))
        return self.keys[-1]

    def signs(self, key: RSAKey, **claims: Any) -> str:
        now = int(time.time())
        payload = {
            "iss": self.url,
            "aud": "firstday",
            "sub": "worker-1",
            "org": "authority:332",
            "iat": now,
            "exp": now + 3600,
        }
        header = {"alg": "RS256", "typ": "at+jwt", "kid": key.kid}
        return jwt.encode(header, payload | claims, key)


@pytest.fixture
async def issuer() -> AsyncIterator[StandInIssuer]:
    issuer = StandInIssuer()
    async with serving(issuer.app) as issuer.url:
        yield issuer
        issuer.answering.set()


@pytest.fixture
def verifier(issuer: StandInIssuer) -> TokenVerifier:
    return TokenVerifier(TokenRules(issuer.url, "firstday"), IssuerKeys(issuer.url, PATIENCE))


@pytest.fixture
def hurried(issuer: StandInIssuer) -> TokenVerifier:
    """A verifier for which keys grow old, and pauses end, at once."""
    patience = Patience(fresh=0, pause=0, first_pause=0)
    return TokenVerifier(TokenRules(issuer.url, "firstday"), IssuerKeys(issuer.url, patience))


async def refused(verifier: TokenVerifier, token: str) -> float:
    """Show a token that is refused; how long that took, in seconds."""
    started = time.monotonic()
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)
    return time.monotonic() - started


async def accepted(verifier: TokenVerifier, token: str) -> float:
    """Show a token that is believed; how long that took, in seconds."""
    started = time.monotonic()
    await verifier.verify(token)
    return time.monotonic() - started


def unknown_to(issuer: StandInIssuer, number: int) -> list[str]:
    """Tokens whose keys the issuer never had, right in everything else."""
    stranger = RSAKey.generate_key(2048)
    tokens = []
    for one in range(number):
        header = {"alg": "RS256", "typ": "at+jwt", "kid": f"unknown-{one}"}
        good = jwt.decode(issuer.signs(issuer.keys[0]), issuer.keys[0]).claims
        tokens.append(jwt.encode(header, good, stranger))
    return tokens


async def test_a_hanging_issuer_holds_no_good_caller(
    issuer: StandInIssuer, verifier: TokenVerifier
) -> None:
    key = issuer.adds_a_key("first")
    await verifier.verify(issuer.signs(key))
    await asyncio.sleep(PATIENCE.pause)
    issuer.answering.clear()

    strangers = [asyncio.create_task(refused(verifier, token)) for token in unknown_to(issuer, 8)]
    await asyncio.sleep(0.05)
    good = [await accepted(verifier, issuer.signs(key, jti=str(one))) for one in range(20)]
    held = await asyncio.gather(*strangers)

    assert max(good) < QUICK_SECONDS
    assert max(held) < PATIENCE.caller + QUICK_SECONDS
    assert issuer.asked == 2  # at the very first, and once for all eight


async def test_whoever_comes_with_unknown_keys_the_issuer_is_asked_once_a_while(
    issuer: StandInIssuer,
) -> None:
    keys = IssuerKeys(issuer.url, Patience(pause=60))
    verifier = TokenVerifier(TokenRules(issuer.url, "firstday"), keys)
    await verifier.verify(issuer.signs(issuer.adds_a_key("first")))
    held = [await refused(verifier, token) for token in unknown_to(issuer, 20)]
    assert issuer.asked == 1
    assert max(held) < QUICK_SECONDS


async def test_nothing_but_an_unknown_key_makes_anybody_ask(
    issuer: StandInIssuer, hurried: TokenVerifier
) -> None:
    key = issuer.adds_a_key("first")
    for wrong in (issuer.signs(key, aud="x"), issuer.signs(key, exp=1), "a.b.c", "e30.e30.e30"):
        await refused(hurried, wrong)
    assert issuer.asked == 0


async def test_a_new_key_is_found_by_the_first_who_shows_it(
    issuer: StandInIssuer, verifier: TokenVerifier
) -> None:
    await verifier.verify(issuer.signs(issuer.adds_a_key("first")))
    await asyncio.sleep(PATIENCE.pause)
    await verifier.verify(issuer.signs(issuer.adds_a_key("second")))
    assert issuer.asked == 2


async def test_keys_stay_usable_while_the_issuer_is_away(
    issuer: StandInIssuer, hurried: TokenVerifier
) -> None:
    key = issuer.adds_a_key("first")
    await hurried.verify(issuer.signs(key))
    issuer.is_away = True
    for one in range(3):
        assert await accepted(hurried, issuer.signs(key, jti=str(one))) < QUICK_SECONDS
        await asyncio.sleep(0.1)
    assert issuer.asked > 1


async def test_a_key_that_is_taken_back_opens_nothing_even_to_a_token_seen_before(
    issuer: StandInIssuer, hurried: TokenVerifier
) -> None:
    stolen = issuer.adds_a_key("stolen")
    token = issuer.signs(stolen)
    await hurried.verify(token)
    issuer.keys.clear()
    await hurried.verify(issuer.signs(issuer.adds_a_key("new")))
    await refused(hurried, token)


async def test_the_first_who_comes_is_told_soon_to_try_again(
    issuer: StandInIssuer, verifier: TokenVerifier
) -> None:
    token = issuer.signs(issuer.adds_a_key("first"))
    issuer.answering.clear()
    started = time.monotonic()
    with pytest.raises(Unavailable) as told:
        await verifier.verify(token)
    assert time.monotonic() - started < PATIENCE.caller + QUICK_SECONDS
    assert told.value.retry_after_seconds >= 1

    issuer.answering.set()  # what was asked is answered in the background
    await asyncio.sleep(0.3)
    assert await accepted(verifier, token) < QUICK_SECONDS
    assert issuer.asked == 1


async def test_whatever_an_issuer_answers_keys_that_are_known_stay(
    issuer: StandInIssuer, hurried: TokenVerifier
) -> None:
    key = issuer.adds_a_key("first")
    await hurried.verify(issuer.signs(key))
    issuer.keys = []
    await refused(hurried, issuer.signs(RSAKey.generate_key(2048, {"kid": "x"})))
    assert issuer.asked > 1
    await hurried.verify(issuer.signs(key, jti="again"))


async def test_an_issuer_of_another_name_is_not_believed(issuer: StandInIssuer) -> None:
    """Its tokens would all be refused, and nobody would know why."""
    issuer.adds_a_key("first")
    issuer.name = f"{issuer.url}/"
    with pytest.raises(IssuerUnreadable, match="FIRSTDAY_ISSUER_URL"):
        await fetch_keys(issuer.url)
