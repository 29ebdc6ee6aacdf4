"""Whatever stands in a token, its bearer is somebody or nobody: never an error of ours."""

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, JWKRegistry, Key, OctKey, OKPKey, RSAKey

from attendance_runtime.access import Principal
from attendance_runtime.access.callers import TokenVerifier
from attendance_runtime.access.issuer_keys import GivenKeys, usable_keys
from attendance_runtime.access.tokens import TokenRules
from attendance_runtime.errors import Unauthenticated
from attendance_testing.tokens import TokenIssuer

Json = dict[str, Any]
ISSUER = TokenIssuer()
RULES = TokenRules("https://issuer.test.example.org", "firstday")
NOW = int(time.time())
LATER = NOW + 86_400  # whenever the test runs
CLAIMS: Json = {
    "iss": RULES.issuer,
    "aud": RULES.audience,
    "sub": "worker-1",
    "org": "authority:332",
    "scope": "caseload.read",
    "iat": NOW,
    "exp": NOW + 3600,
}
HEADER: Json = {"alg": "RS256", "typ": "at+jwt", "kid": "test"}
NESTED = "[" * 100_000


def part(raw: bytes | str | Json | list[Any]) -> str:
    text = raw if isinstance(raw, bytes | str) else json.dumps(raw)
    encoded = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return base64.urlsafe_b64encode(encoded).decode().rstrip("=")


def signed(header: bytes | str | Json | list[Any], claims: bytes | str | Json | list[Any]) -> str:
    """Sign whatever the parts are, as only the issuer could: nothing but their content is wrong."""
    text = f"{part(header)}.{part(claims)}"
    signature = jws.JWSRegistry.algorithms["RS256"].sign(text.encode(), ISSUER.key)
    return f"{text}.{part(signature)}"


async def is_believed(text: str, verifier: TokenVerifier = ISSUER.verifier) -> bool:
    try:
        return isinstance(await verifier.verify(text), Principal)
    except Unauthenticated:
        return False


async def test_what_the_issuer_signs_is_believed() -> None:
    assert await is_believed(signed(HEADER, CLAIMS))


@pytest.mark.parametrize(
    "header",
    [
        HEADER | {"kid": 7},
        HEADER | {"kid": ["test"]},
        HEADER | {"alg": {}},
        HEADER | {"alg": ["RS256"]},
        HEADER | {"alg": "none"},
        HEADER | {"alg": "HS256"},
        HEADER | {"alg": "ES256"},
        HEADER | {"crit": 1},
        HEADER | {"crit": ["exp"], "exp": 1},
        HEADER | {"crit": []},
        HEADER | {"crit": None},
        HEADER | {"b64": False},
        HEADER | {"b64": False, "crit": ["b64"]},
        HEADER | {"typ": ["at+jwt"]},
        HEADER | {"typ": "JWT"},
        [],
        ["alg"],
        "7",
        "null",
        '"alg"',
        "{",
        "",
        b"\xff\xfe",
        NESTED,
        f'{{"alg": "RS256", "typ": "at+jwt", "jwk": {NESTED}}}',
    ],
    ids=lambda header: str(header)[:60],
)
async def test_a_header_that_says_something_else_is_nobodys(header: Any) -> None:
    assert not await is_believed(signed(header, CLAIMS))


WRONG: dict[str, list[Any]] = {
    "sub": [None, "", 7, ["worker-1"], {}, "w" * 256, "a\nb", "a\x00", "\ud800", "a\u200b"],
    "org": [None, "", 7, {}, ["authority:332", "authority:908"], "\t"],
    "exp": [None, "tomorrow", True, [NOW], -1, 0, 10**30, 10**400, 1e300, NOW - 60],
    "iat": [None, "yesterday", {}, False, LATER, 10**400],
    "nbf": [None, "now", LATER],
    "aud": [None, "", [], [["firstday"]], {"firstday": 1}, "firstday "],
    "iss": [None, [RULES.issuer], f"{RULES.issuer}/"],
    "nonce": ["n"],
    "at_hash": ["h"],
    "events": [{}],
    "typ": ["ID", "Refresh", None],
}


@pytest.mark.parametrize(
    "wrong",
    [
        # Some values are times; every worker of a run has to call a test the same.
        pytest.param({claim: value}, id=f"{claim}-{place}")
        for claim, values in WRONG.items()
        for place, value in enumerate(values)
    ],
)
async def test_claims_that_name_nobody_are_nobodys(wrong: Json) -> None:
    assert not await is_believed(signed(HEADER, CLAIMS | wrong))


@pytest.mark.parametrize("claims", ["[]", "7", "{", "", b"\xff", NESTED, '{"exp": NaN}'])
async def test_claims_that_are_no_object_are_nobodys(claims: str | bytes) -> None:
    assert not await is_believed(signed(HEADER, claims))


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["RS256", "test", "firstday", NOW, 10**400, "\ud800"]),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *("alg", "typ", "kid", "crit", "b64", "zip", "jwk", "jku", "x5c"),
        *("iss", "aud", "sub", "org", "scope", "iat", "exp", "nbf", "nonce"),
    ]
)


@settings(deadline=None, max_examples=300)
@given(
    header=st.dictionaries(NAMES, ANYTHING, max_size=3),
    claims=st.dictionaries(NAMES, ANYTHING, max_size=3),
)
async def test_anything_in_any_place_is_somebody_or_nobody(header: Json, claims: Json) -> None:
    """Signed well, so that what is inside is read to its end."""
    text = signed(HEADER | header, CLAIMS | claims)
    if await is_believed(text):
        bearer = await ISSUER.verifier.verify(text)
        assert bearer.subject.isprintable()
        assert bearer.organisation.isprintable()
        assert not header.keys() & {"crit", "b64"}


@settings(deadline=None, max_examples=300)
@given(st.text() | st.lists(st.binary(), min_size=3, max_size=3))
async def test_any_text_is_nobodys(raw: str | list[bytes]) -> None:
    text = raw if isinstance(raw, str) else ".".join(map(part, raw))
    assert not await is_believed(text)


@pytest.mark.parametrize("cut", ["=", "==", " ", "\n", "é", "+", "/"])
async def test_a_signature_with_anything_added_is_nobodys(cut: str) -> None:
    assert not await is_believed(signed(HEADER, CLAIMS) + cut)


def verifier_of(*published: object) -> TokenVerifier:
    return TokenVerifier(RULES, GivenKeys.of(published))


def signed_by(key: Key, algorithm: str, kid: str = "k") -> str:
    text = f"{part({'alg': algorithm, 'typ': 'at+jwt', 'kid': kid})}.{part(CLAIMS)}"
    return f"{text}.{part(jws.JWSRegistry.algorithms[algorithm].sign(text.encode(), key))}"


PRIVATE: dict[str, Key] = {
    "RSA": RSAKey.generate_key(2048, {"kid": "k"}),
    "EC": ECKey.generate_key("P-256", {"kid": "k"}),
    "OKP": OKPKey.generate_key("Ed25519", {"kid": "k"}),
}


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [("RSA", "RS256"), ("RSA", "PS256"), ("EC", "ES256"), ("OKP", "EdDSA"), ("OKP", "Ed25519")],
)
async def test_every_algorithm_that_issuers_use_is_understood(kind: str, algorithm: str) -> None:
    published = PRIVATE[kind].as_dict(private=False)
    text = signed_by(PRIVATE[kind], algorithm)
    assert await is_believed(text, verifier_of(published))
    assert await is_believed(text, verifier_of(published | {"alg": algorithm, "use": "sig"}))
    other = {"EdDSA": "Ed448", "Ed25519": "Ed448"}.get(algorithm, "RS512")
    assert not await is_believed(text, verifier_of(published | {"alg": other}))


@pytest.mark.parametrize("named", ["EdDSA", "Ed25519"])
async def test_a_key_may_be_named_in_the_old_way_and_used_in_the_new(named: str) -> None:
    verifier = verifier_of(PRIVATE["OKP"].as_dict(private=False, alg=named))
    assert await is_believed(signed_by(PRIVATE["OKP"], "Ed25519"), verifier)
    assert await is_believed(signed_by(PRIVATE["OKP"], "EdDSA"), verifier)


GOOD = PRIVATE["EC"].as_dict(private=False)
RSA = PRIVATE["RSA"].as_dict(private=False)
UNFIT: dict[str, object] = {
    "a shared secret": OctKey.generate_key(256, {"kid": "k", "alg": "HS256"}).as_dict(),
    "for encryption": GOOD | {"use": "enc"},
    "for deriving": GOOD | {"key_ops": ["deriveKey"]},
    "operations that are none": GOOD | {"key_ops": 7},
    "a purpose that is none": GOOD | {"use": ["sig"]},
    "for another algorithm": GOOD | {"alg": "ES512"},
    "an algorithm that is none": GOOD | {"alg": {}},
    "of another curve": ECKey.generate_key("P-521", {"kid": "k"}).as_dict(private=False),
    "of a kind to come": {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "k"},
    "too small": {"kty": "RSA", "n": part(b"\xc1" + b"\x01" * 127), "e": "AQAB", "kid": "k"},
    "broken": {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "k"},
    "of wrong types": {"kty": "EC", "crv": "P-256", "x": 1, "y": None, "kid": "k"},
    "a number for an id": RSA | {"kid": 7},
    "no object": "k",
    "nothing": None,
    "empty": {},
}


@pytest.mark.parametrize("unfit", UNFIT)
async def test_a_key_that_does_not_fit_leaves_the_others_usable(unfit: str) -> None:
    assert usable_keys([UNFIT[unfit]]) == []
    assert await is_believed(signed_by(PRIVATE["EC"], "ES256"), verifier_of(UNFIT[unfit], GOOD))


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from([GOOD, RSA, PRIVATE["OKP"].as_dict(private=False)]),
    st.dictionaries(
        st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "key_ops", "alg", "kid"]),
        ANYTHING,
        min_size=1,
    ),
)
async def test_whatever_an_issuer_publishes_is_used_or_passed_over(key: Json, odd: Json) -> None:
    assert len(usable_keys([key | odd, GOOD])) in {1, 2}


async def test_a_token_without_a_key_id_is_checked_with_the_only_key_that_fits() -> None:
    text = f"{part({'alg': 'ES256', 'typ': 'at+jwt'})}.{part(CLAIMS)}"
    text += f".{part(jws.JWSRegistry.algorithms['ES256'].sign(text.encode(), PRIVATE['EC']))}"
    assert await is_believed(text, verifier_of(GOOD, RSA))
    assert not await is_believed(text, verifier_of(GOOD, GOOD | {"kid": "another"}))


def test_no_algorithm_with_a_shared_secret_is_understood() -> None:
    for kind in JWKRegistry.key_types:
        shared = {"kty": kind, "k": "c2VjcmV0", "kid": "k", "alg": "HS256", "crv": "P-256"}
        assert usable_keys([shared]) == []
