"""The schools that a stack begins with, so that a newcomer can try the API at once.

They are listed through the API, as the platform's administrator lists those of England; their
authority's own client still writes their settings.
"""

from typing import Final

import httpx

from local_stack.clients import Client
from local_stack.errors import StackError

AUTHORITY: Final = "332"
URNS: Final = range(100_001, 101_000)
_SECONDS: Final = 30


async def give(
    http: httpx.AsyncClient, *, issuer_url: str, register_url: str, administrator: Client
) -> None:
    """List the schools as the authority's; the same again changes nothing."""
    try:
        token = await http.post(
            f"{issuer_url}/token",
            data={"grant_type": "client_credentials"},
            auth=(administrator.client_id, administrator.secret),
        )
        bearer = {"Authorization": f"Bearer {token.raise_for_status().json()['access_token']}"}
        answer = await http.post(
            f"{register_url}/v1/establishments", json=_lines(), headers=bearer, timeout=_SECONDS
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise StackError(f"The stack's own schools could not be listed: {error}") from error


def _lines() -> list[dict[str, str]]:
    return [
        {"urn": str(urn), "authority_code": AUTHORITY, "name": f"Sandbox School {urn}"}
        for urn in URNS
    ]
