"""A service's own access token, from a token issuer that is really asked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from attendance_runtime.copies.service_tokens import (
    ClientRefused,
    IssuerAway,
    ServiceToken,
    TokenUnavailable,
)

ISSUER = "http://issuer.example.org"
# "reporting:a secret/of ours+", each part form-encoded first.
KNOWN = "Basic cmVwb3J0aW5nOmErc2VjcmV0JTJGb2Yrb3VycyUyQg=="


@dataclass
class StandInIssuer:
    """A token issuer outside the platform; every token that it hands out is another one."""

    lifetime: dict[str, int] = field(default_factory=lambda: {"expires_in": 3600})
    discovery: Response | None = None
    wanted: bytes = b"grant_type=client_credentials"
    numbers: "count[int]" = field(default_factory=count)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration", response_model=None)
        async def discovery() -> Response | dict[str, str]:
            return self.discovery or {"token_endpoint": f"{ISSUER}/token"}

        @app.post("/token")
        async def token(request: Request) -> JSONResponse:
            form = await request.body()
            if request.headers["authorization"] != KNOWN:
                return JSONResponse({"error": "invalid_client"}, 401)
            if form != self.wanted:
                return JSONResponse({"error": "unsupported_grant_type"}, 400)
            return JSONResponse({"access_token": f"token-{next(self.numbers)}"} | self.lifetime)

        return app


@pytest.fixture
def issuer() -> StandInIssuer:
    return StandInIssuer()


@pytest.fixture
async def http(issuer: StandInIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(issuer.app())) as client:
        yield client


@pytest.fixture
def token() -> ServiceToken:
    return ServiceToken(ISSUER, "reporting", "a secret/of ours+")


async def test_a_token_is_kept_while_it_is_good(
    token: ServiceToken, http: httpx.AsyncClient
) -> None:
    assert [await token.value(http), await token.value(http)] == ["token-0", "token-0"]


async def test_those_who_ask_together_get_the_same_token(
    token: ServiceToken, http: httpx.AsyncClient
) -> None:
    assert set(await asyncio.gather(*(token.value(http) for _ in range(5)))) == {"token-0"}


async def test_a_token_about_to_expire_is_not_used_again(
    token: ServiceToken, http: httpx.AsyncClient, issuer: StandInIssuer
) -> None:
    issuer.lifetime = {"expires_in": 30}
    assert [await token.value(http), await token.value(http)] == ["token-0", "token-1"]


async def test_a_token_without_a_lifetime_is_taken_for_a_short_one(
    token: ServiceToken, http: httpx.AsyncClient, issuer: StandInIssuer
) -> None:
    issuer.lifetime = {}
    assert [await token.value(http), await token.value(http)] == ["token-0", "token-0"]


async def test_a_token_that_was_refused_is_replaced(
    token: ServiceToken, http: httpx.AsyncClient
) -> None:
    await token.value(http)
    token.forget()
    assert await token.value(http) == "token-1"


async def test_the_scope_is_asked_for_where_one_is_set(
    http: httpx.AsyncClient, issuer: StandInIssuer
) -> None:
    issuer.wanted = b"grant_type=client_credentials&scope=api%3A%2F%2Fplatform%2F.default"
    scope = "api://platform/.default"
    token = ServiceToken(ISSUER, "reporting", "a secret/of ours+", scope)
    assert await token.value(http) == "token-0"


async def test_a_wrong_secret_is_a_client_refused(http: httpx.AsyncClient) -> None:
    with pytest.raises(ClientRefused, match="correct its id and secret"):
        await ServiceToken(ISSUER, "reporting", "a guess").value(http)


@pytest.mark.parametrize(
    "discovery",
    [Response(status_code=503), Response("<html>Sign in</html>"), Response("{}")],
    ids=["out of order", "not JSON", "not an issuer"],
)
async def test_an_issuer_that_does_not_answer_as_one_is_away(
    token: ServiceToken, http: httpx.AsyncClient, issuer: StandInIssuer, discovery: Response
) -> None:
    issuer.discovery = discovery
    with pytest.raises(IssuerAway):
        await token.value(http)
    issuer.discovery = None
    assert await token.value(http) == "token-0"


async def test_an_issuer_that_cannot_be_reached_is_away() -> None:
    token = ServiceToken("http://127.0.0.1:1", "reporting", "a secret/of ours+")
    async with httpx.AsyncClient() as http:
        with pytest.raises(TokenUnavailable, match="ConnectError"):
            await token.value(http)
