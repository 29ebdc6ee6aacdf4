"""Every route, and in every place of its request everything that has broken a service before."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import httpx

from attendance_runtime.documents.access import WayIn
from attendance_runtime.web.edge import document

from ..access.people import PEOPLE  # noqa: TID252 - as in `attempts`
from ..access.test_matrix import SERVICES, every_way, may  # noqa: TID252
from .attempts import Attempt, Form, attempts
from .checks import faults_of, repeats
from .declared import Declared
from .tally import Tally

AT_ONCE = 8
# In an ordinary run each nasty value meets each route in one place, in turn; here in all of them.
THOROUGH = "FIRSTDAY_FUZZ_REQUESTS" in os.environ
DOCUMENTS = {
    service.name: document(service.name, service.routers).openapi() for service in SERVICES
}


def form_of(service: str, way: WayIn) -> Form:
    """Say what a way in declares of its query and its body."""
    document = DOCUMENTS[f"{service}-service"]
    operation = document["paths"][way.path][way.method.lower()]
    given = operation.get("parameters", ())
    content = operation.get("requestBody", {}).get("content", {})
    return Form(
        query=[parameter["name"] for parameter in given if parameter["in"] == "query"],
        body=content.get("application/json", {}).get("schema", {}),
        declared=Declared(document["components"]["schemas"]),
    )


@every_way
async def test_nothing_nasty_breaks_a_route(
    world: Any, tally: Tally, service: str, way: WayIn
) -> None:
    token = await world.token(next(person for person in PEOPLE if may(person, way)))
    permits = asyncio.Semaphore(AT_ONCE)

    async def tried(attempt: Attempt) -> list[str]:
        async with permits:
            answer = await sent(world, service, attempt, token)
        tally.by_status[answer.status_code] += 1
        return [f"{attempt.what}: {fault}" for fault in wrong(answer, attempt)]

    tries = list(attempts(way, world.ours, form_of(service, way), thorough=THOROUGH))
    found = await asyncio.gather(*map(tried, tries))
    assert [fault for faults in found for fault in faults] == []


async def sent(world: Any, service: str, attempt: Attempt, token: str) -> httpx.Response:
    headers = {name: value.encode() for name, value in attempt.headers.items()}
    answer: httpx.Response = await world.http.request(
        attempt.method,
        world.platform.api(service) + attempt.path,
        params=attempt.params,
        content=attempt.content,
        headers={**headers, "Authorization": f"Bearer {token}"},
    )
    return answer


def wrong(answer: httpx.Response, attempt: Attempt) -> Iterator[str]:
    yield from faults_of(answer, answer.headers.get("content-type", "none"))
    if attempt.value is not None and repeats(answer, attempt.value):
        yield f"said back: {answer.text[:200]}"
