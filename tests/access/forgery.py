"""Access tokens that must open nothing, made with everything but the right to make them."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from cryptography.hazmat.primitives import hashes, hmac
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

HOUR: Final = 3600
Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Issuer:
    """The stack's own issuer, its private key included: what is wrong with a token is one thing."""

    url: str
    audiences: Mapping[str, str]  # by service
    key: RSAKey

    def claims(self, service: str, subject: str, organisation: str, scopes: str) -> Claims:
        """Return the claims of a token that a service would accept."""
        now = int(time.time())
        return {
            "iss": self.url,
            "aud": self.audiences[service],
            "sub": subject,
            "client_id": subject,
            "org": organisation,
            "scope": scopes,
            "iat": now,
            "exp": now + HOUR,
            "jti": uuid4().hex,
        }

    def signed(self, claims: Claims, **header: str) -> str:
        """Sign claims as the issuer does, but for what the header says otherwise."""
        whole = {"alg": "RS256", "typ": "at+jwt", "kid": self.key.kid, **header}
        return jwt.encode(whole, claims, self.key)

    def public_pem(self) -> bytes:
        """Return the public key as it is published: what an HS256 forger would sign with."""
        return self.key.as_pem(private=False)


def _part(value: Mapping[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unsigned(claims: Claims, algorithm: str) -> str:
    return f"{_part({'alg': algorithm, 'typ': 'at+jwt'})}.{_part(claims)}."


def _signed_with_public_key(issuer: Issuer, claims: Claims, secret: bytes) -> str:
    header = {"alg": "HS256", "typ": "at+jwt", "kid": issuer.key.kid}
    text = f"{_part(header)}.{_part(claims)}"
    signature = hmac.HMAC(secret, hashes.SHA256())
    signature.update(text.encode())
    return f"{text}.{_part(signature.finalize())}"


def _with_other_claims(issuer: Issuer, claims: Claims) -> str:
    """Keep the signature of a true token and put other claims before it."""
    header, _, signature = issuer.signed(claims | {"org": "school:999998"}).split(".")
    return f"{header}.{_part(claims)}.{signature}"


def _with_own_key(issuer: Issuer, claims: Claims) -> str:
    """Sign with a key of the forger's own under the issuer's key id."""
    own = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": issuer.key.kid}, claims, own)


def _with_key_in_header(_: Issuer, claims: Claims) -> str:
    """Sign with a key of the forger's own and send it along in the header."""
    own = ECKey.generate_key("P-256")
    public = own.as_dict(private=False)
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "jwk": public}, claims, own)


def _without(claim: str) -> Callable[[Issuer, Claims], str]:
    return lambda issuer, claims: issuer.signed(
        {name: value for name, value in claims.items() if name != claim}
    )


def _but(**other: Any) -> Callable[[Issuer, Claims], str]:
    return lambda issuer, claims: issuer.signed(claims | other)


def _with_header(**other: Any) -> Callable[[Issuer, Claims], str]:
    """Sign with the issuer's key under a header that no library would write."""

    def sign(issuer: Issuer, claims: Claims) -> str:
        header = {"alg": "RS256", "typ": "at+jwt", "kid": issuer.key.kid, **other}
        text = f"{_part(header)}.{_part(claims)}"
        signature = JWSRegistry.algorithms["RS256"].sign(text.encode(), issuer.key)
        return f"{text}.{_part(signature)}"

    return sign


_NESTED: Final = b"[" * 4000


def _header_of(issuer: Issuer) -> str:
    return issuer.signed({}).split(".")[0]


def _shifted(**by: int) -> Callable[[Issuer, Claims], str]:
    return lambda issuer, claims: issuer.signed(
        claims | {name: int(time.time()) + seconds for name, seconds in by.items()}
    )


def _for_other_services(issuer: Issuer, claims: Claims) -> str:
    """What another service of the platform was shown, or somebody who read it there."""
    others = [audience for audience in issuer.audiences.values() if audience != claims["aud"]]
    return issuer.signed(claims | {"aud": others})


FORGERIES: Final[Mapping[str, Callable[[Issuer, Claims], str]]] = {
    "expired": _shifted(iat=-2 * HOUR, exp=-HOUR),
    "issued in the future": _shifted(iat=HOUR, exp=2 * HOUR),
    "not valid yet": _shifted(nbf=HOUR),
    "for another audience": _but(aud="somebody-else"),
    "for several others": _but(aud=["somebody-else", "another"]),
    "for the platform's other services": _for_other_services,
    "of another issuer": _but(iss="https://issuer.example.org"),
    "without an expiry": _without("exp"),
    "without an audience": _without("aud"),
    "without an issuer": _without("iss"),
    "without a subject": _without("sub"),
    "without an organisation": _without("org"),
    "no access token but an identity token": lambda issuer, claims: issuer.signed(
        claims, typ="JWT"
    ),
    "HS256 with the public key": lambda issuer, claims: _signed_with_public_key(
        issuer, claims, issuer.public_pem()
    ),
    "HS256 with nothing": lambda issuer, claims: _signed_with_public_key(issuer, claims, b""),
    "none": lambda _, claims: _unsigned(claims, "none"),
    "None": lambda _, claims: _unsigned(claims, "None"),
    "RS256 unsigned": lambda _, claims: _unsigned(claims, "RS256"),
    "with other claims": _with_other_claims,
    "with the forger's key": _with_own_key,
    "with the forger's key in its header": _with_key_in_header,
    "claims of wrong types": _but(exp="tomorrow", iat="yesterday", sub=[1], org={}),
    "an algorithm that is no word": _with_header(alg={}),
    "a key id that is no word": _with_header(kid=[1]),
    "a demand that is no list": _with_header(crit=1),
    "a demand for more": _with_header(crit=["b64"], b64=False),
    "a header nested without end": lambda _, claims: f"{_part(_NESTED)}.{_part(claims)}.AAAA",
    "claims nested without end": lambda issuer, _: f"{_header_of(issuer)}.{_part(_NESTED)}.AAAA",
    "a header that is no object": lambda _, claims: f"{_part(b'7')}.{_part(claims)}.AAAA",
    "an expiry beyond all numbers": _but(exp=10**400),
    "a name of nothing": _but(sub="\u200b\x00"),
    "not a token": lambda _, __: "abc.def.ghi",
    "not ASCII": lambda _, __: "é.\u2603.ü".encode().decode("latin-1"),
    "a very long word": lambda _, __: "a" * 7000,
}
