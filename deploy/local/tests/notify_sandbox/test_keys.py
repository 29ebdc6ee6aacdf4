"""Who may use the API: the signed token of every request."""

import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from notify_sandbox.errors import NotifyError
from notify_sandbox.keys import LIVE_API_KEY, SERVICE_ID, TEST_API_KEY, ApiKey, KeyRing

SECRET = LIVE_API_KEY[-36:]
NOW = 1_795_000_000.0
CLAIMS = {"iss": SERVICE_ID, "iat": int(NOW)}


def bearer(claims: dict[str, object], secret: str = SECRET, algorithm: str = "HS256") -> str:
    header = {"alg": algorithm}
    return "Bearer " + jwt.encode(header, claims, OctKey.import_key(secret), [algorithm])


def unsigned(header: bytes) -> str:
    parts = (header, json.dumps(CLAIMS).encode(), b"")
    return "Bearer " + ".".join(base64.urlsafe_b64encode(p).decode().strip("=") for p in parts)


def test_a_key_is_taken_apart_from_the_right() -> None:
    key = ApiKey.parse(f"our-own-name-{SERVICE_ID}-{SECRET}", "live")
    assert key == ApiKey("our-own-name", SERVICE_ID, SECRET, "live")


def test_something_else_is_no_key() -> None:
    with pytest.raises(ValueError, match="An API key is"):
        ApiKey.parse("secret", "live")


def test_the_token_tells_which_key_signed_it() -> None:
    keys = KeyRing()
    live = keys.holder(bearer(CLAIMS), NOW)
    test = keys.holder(bearer(CLAIMS, TEST_API_KEY[-36:]), NOW)
    assert (live.key_type, test.key_type) == ("live", "test")


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_clocks_may_differ_by_30_seconds(seconds: int) -> None:
    assert KeyRing().holder(bearer(CLAIMS), NOW + seconds).service_id == SERVICE_ID


@pytest.mark.parametrize("seconds", [-31, 31])
def test_clocks_that_differ_by_more_are_refused_even_for_a_token_seen_before(seconds: int) -> None:
    keys = KeyRing()
    token = bearer(CLAIMS)
    keys.holder(token, NOW)
    with pytest.raises(NotifyError) as refused:
        keys.holder(token, NOW + seconds)
    assert refused.value.status == 403
    assert refused.value.messages == (
        "Error: Your system clock must be accurate to within 30 seconds",
    )


@pytest.mark.parametrize(
    ("authorization", "status", "message"),
    [
        ("", 401, "Unauthorized: authentication token must be provided"),
        ("Basic abc", 401, "Unauthorized: authentication bearer scheme must be used"),
        ("Bearer abc", 403, "Invalid token: signature, api token is not valid"),
        (bearer({"iat": NOW}), 403, "Invalid token: iss field not provided"),
        (bearer({"iss": SERVICE_ID}), 403, "Invalid token: iat field not provided"),
        (
            bearer({"iss": "another", "iat": NOW}),
            403,
            "Invalid token: service not found",
        ),
        (bearer(CLAIMS, "x" * 36), 403, "Invalid token: API key not found"),
        (
            bearer(CLAIMS, "x" * 64, "HS512"),
            403,
            "Invalid token: algorithm used is not HS256",
        ),
        (unsigned(b'{"alg": "none"}'), 403, "Invalid token: algorithm used is not HS256"),
        (unsigned(b"{}"), 403, "Invalid token: signature, api token is not valid"),
        (unsigned(b"[1]"), 403, "Invalid token: signature, api token is not valid"),
        (unsigned(b"1"), 403, "Invalid token: signature, api token is not valid"),
        (
            unsigned(b'{"alg": "HS256", "crit": 1}'),
            403,
            "Invalid token: signature, api token is not valid",
        ),
    ],
)
def test_any_other_token_is_refused(authorization: str, status: int, message: str) -> None:
    with pytest.raises(NotifyError) as refused:
        KeyRing().holder(authorization, NOW)
    assert (refused.value.status, refused.value.error) == (status, "AuthError")
    assert refused.value.messages == (message,)


def test_a_forged_token_is_refused_however_many_good_ones_were_seen() -> None:
    keys = KeyRing()
    for second in range(600):
        keys.holder(bearer({"iss": SERVICE_ID, "iat": NOW + second}), NOW + second)
    with pytest.raises(NotifyError):
        keys.holder(bearer(CLAIMS, "x" * 36), NOW)
