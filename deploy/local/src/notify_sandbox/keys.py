"""API keys, and the check of the signed token every request carries.

A key is `{name}-{service uuid}-{secret uuid}`; the token is a JWT signed with the secret (HS256)
whose claims are the service (`iss`) and the moment of signing (`iat`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OctKey

from notify_sandbox.errors import auth_error

CLOCK_TOLERANCE_SECONDS = 30

SERVICE_ID = "b0d6cf31-7c5b-4b63-9f0e-5d2a6f4c1e77"
LIVE_API_KEY = f"firstday_live-{SERVICE_ID}-0a4f7d62-93c1-4c8e-8f57-2b6de1c9a304"
TEST_API_KEY = f"firstday_test-{SERVICE_ID}-d91b3e58-46fa-4d27-b0c3-7e85a2f6190c"
"""Local use only: these keys open nothing but a sandbox on this machine."""

_REMEMBERED_TOKENS = 512


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of one service; `key_type` is `live` or `test`."""

    name: str
    service_id: str
    secret: str
    key_type: str

    @classmethod
    def parse(cls, text: str, key_type: str) -> "ApiKey":
        """Take a key apart from the right, as Notify's own clients do; the name may hold dashes."""
        service_id, secret = text[-73:-37], text[-36:]
        try:
            UUID(service_id), UUID(secret)
        except ValueError as error:
            raise ValueError("An API key is {name}-{service uuid}-{secret uuid}.") from error
        return cls(text[:-74], service_id, secret, key_type)


DEFAULT_KEYS = (ApiKey.parse(LIVE_API_KEY, "live"), ApiKey.parse(TEST_API_KEY, "test"))


class KeyRing:
    """The keys the sandbox knows."""

    def __init__(self, keys: Iterable[ApiKey] = DEFAULT_KEYS) -> None:
        self._keys = tuple(keys)
        # A client's token is the same for a whole second, so its signature is checked once.
        self._verified: dict[str, tuple[ApiKey, float]] = {}

    def holder(self, authorization: str, now: float) -> ApiKey:
        """The key that signed this `Authorization` header; AuthError if none did, or not `now`."""
        if not authorization:
            raise auth_error("Unauthorized: authentication token must be provided", status=401)
        if authorization[:7].title() != "Bearer ":
            raise auth_error("Unauthorized: authentication bearer scheme must be used", status=401)
        token = authorization[7:]
        verified = self._verified.get(token)
        if verified is None:
            verified = self._verify(token)
            if len(self._verified) >= _REMEMBERED_TOKENS:
                self._verified.clear()
            self._verified[token] = verified
        key, issued_at = verified
        if abs(now - issued_at) > CLOCK_TOLERANCE_SECONDS:
            raise auth_error("Error: Your system clock must be accurate to within 30 seconds")
        return key

    def _verify(self, token: str) -> tuple[ApiKey, float]:
        signed, claims = _read(token)
        service_id, issued_at = claims.get("iss"), claims.get("iat")
        if service_id is None:
            raise auth_error("Invalid token: iss field not provided")
        if not isinstance(issued_at, int | float):
            raise auth_error("Invalid token: iat field not provided")
        keys = [key for key in self._keys if key.service_id == service_id]
        if not keys:
            raise auth_error("Invalid token: service not found")
        for key in keys:
            if _is_signed(signed, key):
                return key, float(issued_at)
        raise auth_error("Invalid token: API key not found")


def _read(token: str) -> tuple[jws.CompactSignature, dict[str, object]]:
    """Take a token apart; nothing in it is believed yet."""
    try:
        signed = jws.extract_compact(token.encode())
        claims = msgspec.json.decode(signed.payload or b"", type=dict[str, object])
    except (JoseError, msgspec.MsgspecError) as error:
        raise auth_error("Invalid token: signature, api token is not valid") from error
    return signed, claims


def _is_signed(signed: jws.CompactSignature, key: ApiKey) -> bool:
    try:
        return jws.validate_compact(signed, OctKey.import_key(key.secret), ["HS256"])
    except UnsupportedAlgorithmError as error:
        raise auth_error("Invalid token: algorithm used is not HS256") from error
    except (JoseError, TypeError) as error:  # the latter for a header that is no object
        raise auth_error("Invalid token: signature, api token is not valid") from error
