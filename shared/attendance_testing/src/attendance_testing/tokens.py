"""Access tokens as an issuer signs them, with keys that only the test has."""

import time
from typing import Final
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import RSAKey

from attendance_runtime.access.callers import TokenVerifier
from attendance_runtime.access.issuer_keys import GivenKeys
from attendance_runtime.access.tokens import TokenRules

ISSUER: Final = "https://issuer.test.example.org"


class TokenIssuer:
    """Issues real RS256 access tokens inside a test, with keys of its own."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
        public = self.key.as_dict(private=False)
        self.verifier = TokenVerifier(TokenRules(ISSUER, "firstday"), GivenKeys.of([public]))

    def token(self, *, subject: str, organisation: str, scopes: str, **claims: object) -> str:
        """Return an access token valid for an hour; further claims replace the usual ones."""
        issued = int(time.time())
        payload: dict[str, object] = {
            "iss": ISSUER,
            "aud": "firstday",
            "sub": subject,
            "client_id": subject,
            "org": organisation,
            "scope": scopes,
            "iat": issued,
            "exp": issued + 3600,
            "jti": uuid4().hex,
        } | claims
        header = {"alg": "RS256", "typ": "at+jwt", "kid": "test"}
        return jwt.encode(header, payload, self.key)

    def headers(self, *, subject: str, organisation: str, scopes: str) -> dict[str, str]:
        """Return the header that carries such a token."""
        token = self.token(subject=subject, organisation=organisation, scopes=scopes)
        return {"Authorization": f"Bearer {token}"}
