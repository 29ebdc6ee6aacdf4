import httpx
import pytest

from attendance_testing.bodies import Json

Headers = dict[str, str]


@pytest.fixture
async def proposal(client: httpx.AsyncClient, area: Headers, newcomer: Json) -> Json:
    """The one proposal, as the authority reads it, with its ETag."""
    assert newcomer["state"] == "created"
    [item] = (await client.get("/v1/link-proposals", headers=area)).json()["items"]
    answer = await client.get(f"/v1/link-proposals/{item['id']}", headers=area)
    assert answer.json() == item
    found: Json = item | {"if_match": {"if-match": answer.headers["etag"]}}
    return found
