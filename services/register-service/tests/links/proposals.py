"""How proposals of a link are read and decided."""

from typing import Any

import httpx

Json = dict[str, Any]
Headers = dict[str, str]

LINKS = "/v1/link-proposals"
CONFIRM = {"decision": "confirm", "reason": "Both schools saw the passport"}
REFUSE = {"decision": "refuse", "reason": "Two children, born on two days"}


async def decide(
    client: httpx.AsyncClient, proposal: Json, headers: Headers, body: Json
) -> httpx.Response:
    path = f"{LINKS}/{proposal['id']}/decision"
    return await client.post(path, json=body, headers=headers | proposal["if_match"])


async def read_again(client: httpx.AsyncClient, area: Headers, one: Json) -> Json:
    answer = await client.get(f"{LINKS}/{one['id']}", headers=area)
    found: Json = answer.json() | {"if_match": {"if-match": answer.headers["etag"]}}
    return found
