"""The token a hand-over carries, taken apart by hand: the provider's library is not ours."""

import base64
import hashlib
import hmac
import json
import time
from uuid import UUID

from fastapi import FastAPI, Request

from attendance_testing.serving import serving
from notification_service.providers.notify.client import Notify
from notify_sandbox.keys import LIVE_API_KEY, SERVICE_ID


async def test_it_says_who_and_when_signed_with_the_secret_at_the_end_of_the_key() -> None:
    asked: list[str] = []
    provider = FastAPI()

    @provider.get("/v2/notifications")
    async def listed(request: Request) -> dict[str, list[str]]:
        asked.append(request.headers["authorization"])
        return {"notifications": []}

    began = int(time.time())
    async with serving(provider) as url, Notify(url, LIVE_API_KEY, timeout_seconds=5) as notify:
        assert await notify.find(UUID(int=1)) is None

    [authorization] = asked
    signed, _, signature = authorization.removeprefix("Bearer ").rpartition(".")
    header, claims = (json.loads(decoded(part)) for part in signed.split("."))
    assert header == {"typ": "JWT", "alg": "HS256"}
    assert claims == {"iss": SERVICE_ID, "iat": claims["iat"]}
    assert began <= claims["iat"] <= time.time()
    secret = LIVE_API_KEY[-36:].encode()
    assert decoded(signature) == hmac.digest(secret, signed.encode(), hashlib.sha256)


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
