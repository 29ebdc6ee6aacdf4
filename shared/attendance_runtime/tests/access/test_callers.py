"""Access tokens: what verifies, and everything that must not."""

import base64
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from attendance_runtime.errors import Unauthenticated
from attendance_testing.tokens import TokenIssuer

ISSUER = TokenIssuer()


def a_token(**claims: object) -> str:
    return ISSUER.token(
        subject="worker-1", organisation="authority:332", scopes="caseload.read", **claims
    )


async def test_a_good_token_says_who_for_whom_and_for_what() -> None:
    principal = await ISSUER.verifier.verify(a_token())
    assert principal.holders == ["authority:332", "worker-1"]
    assert principal.scopes == {"caseload.read"}


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 60},
        {"aud": "another-service"},
        {"iss": "https://elsewhere.example.org"},
        {"iat": int(time.time()) + 3600, "nbf": int(time.time()) + 3600},
        {"sub": None},
        {"org": None},
    ],
    ids=["expired", "wrong audience", "wrong issuer", "from the future", "nobody", "for nobody"],
)
async def test_a_token_with_a_wrong_claim_is_refused(claims: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        await ISSUER.verifier.verify(a_token(**claims))


def unsigned(header: dict[str, str]) -> str:
    """Take a good token's claims and give them another header and no signature."""
    _, payload, _ = a_token().split(".")
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return f"{encoded}.{payload}."


def signed_with_a_shared_secret() -> str:
    key = OctKey.import_key("a-secret-that-a-forger-may-know-too-0123456789")
    claims = {"iss": "https://issuer.test.example.org", "aud": "firstday", "sub": "x", "org": "y"}
    times = {"iat": int(time.time()), "exp": int(time.time()) + 60}
    return jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims | times, key)


@pytest.mark.parametrize(
    "token",
    [
        unsigned({"alg": "none", "typ": "at+jwt"}),
        signed_with_a_shared_secret(),
        TokenIssuer().token(subject="worker-1", organisation="authority:332", scopes=""),
        a_token()[:-4],
        "not.a.token",
        "",
    ],
    ids=["none", "HS256", "another issuer's key", "cut short", "nonsense", "empty"],
)
async def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        await ISSUER.verifier.verify(token)


async def test_an_identity_token_is_no_access_token() -> None:
    claims = {"iss": "https://issuer.test.example.org", "aud": "firstday", "sub": "x", "org": "y"}
    times = {"iat": int(time.time()), "exp": int(time.time()) + 60}
    token = jwt.encode({"alg": "RS256", "typ": "JWT", "kid": "test"}, claims | times, ISSUER.key)
    with pytest.raises(Unauthenticated):
        await ISSUER.verifier.verify(token)
