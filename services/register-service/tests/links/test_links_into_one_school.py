"""Two pupils of one school who may be one child of another: never twice on its roll at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from attendance_contracts.identifiers import make_upn

from .proposals import CONFIRM, LINKS, REFUSE, decide, read_again

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
SendRoll = Callable[..., Awaitable[list[Json]]]


@pytest.fixture
async def two_of_one_school(
    client: httpx.AsyncClient,
    area: Headers,
    proposal: Json,
    *,
    send_roll: SendRoll,
    born_otherwise: Json,
    line: Json,
) -> tuple[Json, Json]:
    """The proposals that each of two pupils of one school is the earlier school's one child.

    The earlier school corrected the child's UPN, so that both numbers are the child's.
    """
    upn = make_upn(332, 2000, 21, 2)
    await send_roll(line | {"upn": upn})
    await send_roll(born_otherwise | {"upn": upn, "mis_id": "78", "forename": "Sam"}, urn="300002")
    items = (await client.get(LINKS, headers=area)).json()["items"]
    [other] = [item for item in items if item["id"] != proposal["id"]]
    found = []
    for one in (proposal, other):
        answer = await client.get(f"{LINKS}/{one['id']}", headers=area)
        found.append(answer.json() | {"if_match": {"if-match": answer.headers["etag"]}})
    return found[0], found[1]


async def test_two_pupils_of_one_school_are_never_made_one_child(
    client: httpx.AsyncClient, area: Headers, two_of_one_school: tuple[Json, Json], told: Told
) -> None:
    one, other = two_of_one_school
    assert one["newcomer"]["urn"] == other["newcomer"]["urn"] == "300002"
    assert (await decide(client, one, area, CONFIRM)).status_code == 200
    await told()

    answer = await decide(client, await read_again(client, area, other), area, CONFIRM)

    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "twice" in answer.json()["detail"]
    assert await told() == []
    assert (await read_again(client, area, other))["state"] == "proposed"
    answer = await decide(client, await read_again(client, area, other), area, REFUSE)
    assert (answer.status_code, answer.json()["state"]) == (200, "refused")


async def test_both_confirmed_at_one_moment_make_one_child_of_one_of_them(
    client: httpx.AsyncClient, area: Headers, two_of_one_school: tuple[Json, Json]
) -> None:
    answers = await asyncio.gather(
        *(decide(client, one, area, CONFIRM) for one in two_of_one_school)
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_school_that_had_the_child_twice_one_after_the_other_had_one_child(
    client: httpx.AsyncClient,
    area: Headers,
    two_of_one_school: tuple[Json, Json],
    *,
    send_roll: SendRoll,
    born_otherwise: Json,
) -> None:
    one, other = two_of_one_school
    left = born_otherwise | {"ends_on": "2026-10-02"}
    came_back = born_otherwise | {"upn": make_upn(332, 2000, 21, 2), "mis_id": "78"}
    came_back |= {"forename": "Sam", "starts_on": "2026-10-05"}
    await send_roll(left, came_back, urn="300002")

    for proposed in (one, other):
        asked = await read_again(client, area, proposed)
        assert (await decide(client, asked, area, CONFIRM)).status_code == 200
