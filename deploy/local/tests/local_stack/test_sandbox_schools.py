"""The schools that a stack begins with, listed as the administrator."""

import json

import httpx
import pytest

from local_stack import sandbox_schools
from local_stack.clients import Client
from local_stack.errors import StackError

ADMINISTRATOR = Client("admin", "a secret", "admin", "platform:trial", "platform.administer")
URLS = {"issuer_url": "http://issuer", "register_url": "http://register"}


async def give(answer: httpx.Response) -> list[httpx.Request]:
    asked: list[httpx.Request] = []

    def network(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        token = httpx.Response(200, json={"access_token": "a token"})
        return token if request.url.host == "issuer" else answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(network)) as http:
        await sandbox_schools.give(http, administrator=ADMINISTRATOR, **URLS)
    return asked


async def test_every_school_is_listed_once_as_the_authoritys() -> None:
    _, listed = await give(httpx.Response(200, json=[]))
    assert listed.headers["Authorization"] == "Bearer a token"
    lines = json.loads(listed.content)
    assert [line["urn"] for line in lines] == [str(urn) for urn in range(100_001, 101_000)]
    assert {line["authority_code"] for line in lines} == {"332"}


async def test_a_stack_whose_schools_cannot_be_listed_does_not_come_up() -> None:
    with pytest.raises(StackError, match="could not be listed"):
        await give(httpx.Response(404))
