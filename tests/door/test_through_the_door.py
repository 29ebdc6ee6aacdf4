"""The whole platform from outside: what works at the services' own ports works at the door."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from attendance_testing.platform import Platform

SchoolBuilder = Callable[..., Awaitable[Any]]
Eventually = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def door_url(stack_file: Path) -> str:
    return str(json.loads(stack_file.read_text())["door"]["url"])


@pytest.fixture(scope="session")
async def outside(platform: Platform, door_url: str) -> AsyncIterator[Platform]:
    """The platform as those see it who reach the door alone."""
    stack = platform.stack
    services = {
        name: msgspec.structs.replace(service, api=(f"{door_url}/api/{name}",))
        for name, service in stack.services.items()
    }
    async with Platform(msgspec.structs.replace(stack, services=services)) as opened:
        yield opened


async def test_an_absence_and_its_pages_come_through_the_door(
    outside: Platform, a_school: SchoolBuilder, eventually: Eventually
) -> None:
    """The links between pages are right although the door has taken a prefix off the path."""
    school = await a_school(pupils=3)
    outside._clients[school.office] = school.platform.client(school.office)  # noqa: SLF001
    await school.at("09:30")
    path = f"/v1/schools/{school.urn}/classes/1A/registers/{school.monday}/AM"
    marks = {"marks": [{"mis_id": str(place), "code": "N"} for place in range(3)]}
    sent = await outside.send(school.office, "PUT", "register", path, json=marks)
    assert (sent.status_code, sent.json()["state"]) == (200, "recorded")

    async def first_page() -> httpx.Response | None:
        page = await outside.send(
            school.office,
            "GET",
            "notification",
            f"/v1/schools/{school.urn}/contacts",
            params={"date": str(school.monday), "limit": "2"},
        )
        return page if page.links else None  # until then not all three are known

    page = await eventually(first_page)
    following = page.url.join(page.links["next"]["url"])
    assert following.path == page.url.path
    token = {"Authorization": f"Bearer {await outside.token(school.office)}"}
    rest = await outside.http.get(following, headers=token)
    assert len(rest.json()["episodes"]) == 1


@pytest.mark.parametrize("service", ["register", "notification", "escalation", "reporting"])
async def test_the_door_leads_to_every_service(outside: Platform, service: str) -> None:
    answer = await outside.http.get(f"{outside.api(service)}/v1/nothing-of-this-name")
    assert answer.status_code == 404
    assert answer.headers["x-trace-id"], "a service answered, not the door"
    assert answer.headers.get_list("cache-control") == ["no-store"]
