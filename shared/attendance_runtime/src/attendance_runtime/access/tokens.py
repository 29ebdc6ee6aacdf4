"""What an access token must be, and what is read from it: RFC 9068 beside what issuers really send.

Nothing here asks anybody: text, key and time come in, a `Bearer` or a `BadToken` goes out.
"""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from attendance_runtime.settings import ServiceSettings

CLOCK_LEEWAY_SECONDS: Final = 10

# RFC 7518, 8037 and 9864, by the type of key and its curve. Asymmetric ones only: with HS* a
# verifier could forge what it verifies.
ALGORITHMS: Final = {
    ("RSA", None): frozenset({"RS256", "PS256"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("OKP", "Ed25519"): frozenset({"Ed25519", "EdDSA"}),
}
# What only an identity token (OpenID Connect Core 2, 3.3.2.11) or a logout token carries.
_NEVER_IN_ACCESS_TOKENS: Final = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "events"})

_LONGEST_TOKEN: Final = 16_384  # bytes; the front door lets no longer header in
_LONGEST_NAME: Final = 255  # characters of `sub`, OpenID Connect Core 2
_LAST_SECOND: Final = 253_402_300_800  # the year 10000


class BadToken(Exception):
    """This is no access token that may be believed."""


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Which tokens are believed, and by which names an issuer calls things.

    Attributes:
        issuer: what `iss` must say, to the letter.
        audience: what `aud` must say or name among others.
        types: what the header's `typ` may say (RFC 9068 2.1), in small letters.
        subject_claim: where the opaque id of the person or client stands.
        organisation_claim: where the organisation stands: a text, or one of several.
        organisation_prefix: what the organisation's text begins with, and what is taken off it.
        scope_claims: where scopes stand: texts with spaces between them, or lists.
    """

    issuer: str
    audience: str
    types: Collection[str] = ("at+jwt",)
    subject_claim: str = "sub"
    organisation_claim: str = "org"
    organisation_prefix: str = ""
    scope_claims: Collection[str] = ("scope",)

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """Return the rules of a deployment."""
        return cls(
            issuer=settings.issuer_url,
            audience=settings.audience or settings.platform_audience,
            types=tuple(settings.jwt_types.lower().split()),
            subject_claim=settings.subject_claim,
            organisation_claim=settings.organisation_claim,
            organisation_prefix=settings.organisation_prefix,
            scope_claims=tuple(settings.scope_claims.split()),
        )


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token names: who, for which organisation, with which scopes, until which second."""

    subject: str
    organisation: str
    scopes: frozenset[str]
    expires_at: float


class Header(msgspec.Struct):
    """The parts of a token's header that are believed or refused; others mean nothing here."""

    alg: str
    typ: str = ""
    kid: str | None = None
    crit: object = msgspec.UNSET
    b64: object = msgspec.UNSET


_HEADER: Final = msgspec.json.Decoder(Header)
_CLAIMS: Final = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart, with nothing of it verified but the form."""

    header: Header
    claims: dict[str, object]
    signed: bytes
    signature: bytes


def take_apart(text: str, rules: TokenRules) -> Token:
    """Read a token's three parts, or raise `BadToken`: RFC 7515 7.1 with no extension."""
    if len(text) > _LONGEST_TOKEN or not text.isascii():
        raise BadToken("This is too long, or has other than ASCII characters.")
    parts = text.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims and signature
        raise BadToken("A token has three parts.")
    try:
        header = _HEADER.decode(_unpadded(parts[0]))
        claims = _CLAIMS.decode(_unpadded(parts[1]))
        signature = _unpadded(parts[2])
    except (ValueError, RecursionError) as error:
        raise BadToken("A part is not base64url, or not the JSON that it should be.") from error
    if not (header.crit is header.b64 is msgspec.UNSET):
        raise BadToken("The header asks for an extension that is not understood here.")
    if header.typ.lower().removeprefix("application/") not in rules.types:
        raise BadToken("The header's `typ` is not that of an access token.")
    return Token(header, claims, f"{parts[0]}.{parts[1]}".encode(), signature)


def _unpadded(part: str) -> bytes:
    """Decode base64url (RFC 7515 2): no padding, and nothing passed over."""
    if "=" in part or "+" in part or "/" in part:
        raise binascii.Error("This is another base64.")
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def is_signed(token: Token, key: Key) -> bool:
    """Tell whether a token was signed with a key; the key must fit the header's algorithm."""
    try:
        return JWSRegistry.algorithms[token.header.alg].verify(token.signed, token.signature, key)
    except (JoseError, ValueError):
        return False


def read_claims(claims: dict[str, object], rules: TokenRules, *, now: float) -> Bearer:
    """Return whom a token's claims name, or raise `BadToken`; `now` is in seconds since 1970."""
    if not _NEVER_IN_ACCESS_TOKENS.isdisjoint(claims) or claims.get("typ", "Bearer") != "Bearer":
        raise BadToken("This is an identity, refresh or logout token.")
    if claims.get("iss") != rules.issuer or rules.audience not in _texts(claims.get("aud")):
        raise BadToken("The token is another issuer's, or for another audience.")
    expires_at = _seconds(claims.get("exp"))
    starts_at = max(_seconds(claims.get("iat")), _seconds(claims.get("nbf", 0)))
    if not starts_at - CLOCK_LEEWAY_SECONDS <= now < expires_at + CLOCK_LEEWAY_SECONDS:
        raise BadToken("The token has expired, or begins later.")
    scopes = (text.split() for name in rules.scope_claims for text in _texts(claims.get(name)))
    return Bearer(
        _name(claims.get(rules.subject_claim)),
        _organisation(claims.get(rules.organisation_claim), rules.organisation_prefix),
        frozenset(scope for words in scopes for scope in words),
        expires_at,
    )


def _organisation(claim: object, prefix: str) -> str:
    named = [text.removeprefix(prefix) for text in _texts(claim) if text.startswith(prefix)]
    if len(named) != 1:
        raise BadToken("The token is for no organisation, or for more than one.")
    return _name(named[0])


def _texts(claim: object) -> list[str]:
    """Return the texts of a claim that is one or a list of them; nothing of any other claim."""
    many = claim if isinstance(claim, list) else [claim]
    return [text for text in many if isinstance(text, str)]


def _name(claim: object) -> str:
    if not isinstance(claim, str) or not 0 < len(claim) <= _LONGEST_NAME or not claim.isprintable():
        raise BadToken("The token names nobody who could be written down.")
    return claim


def _seconds(claim: object) -> float:
    """Return an RFC 7519 NumericDate; JSON has no NaN, but numbers that no calendar reaches."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        raise BadToken("A time is missing, or is not a number.")
    if not 0 <= claim < _LAST_SECOND:
        raise BadToken("A time lies outside all calendars.")
    return float(claim)
