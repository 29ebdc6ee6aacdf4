"""Who comes first gets nothing: schools are the list's to give, and nobody else's to take."""

import secrets
from dataclasses import replace
from typing import Any

import httpx
import pytest

from .answers import without_ids
from .calls import Call, Place, listed, settings

OWNER, SQUATTER = "the area's authority", "another authority"


async def asked_by(world: Any, client: str, call: Call) -> httpx.Response:
    answer: httpx.Response = await world.send("register", call, await world.platform.token(client))
    return answer


@pytest.fixture
def unlisted(world: Any) -> Place:
    """A school that will be listed, and is not yet."""
    place: Place = replace(world.ours, urn=str(991_000 + secrets.randbelow(6_000)))
    return place


async def test_an_authority_that_comes_first_neither_holds_a_school_nor_bars_its_owner(
    world: Any, unlisted: Place
) -> None:
    """Once the true authority got 404 for ever, and the squatter read the roll."""
    path = f"/v1/schools/{unlisted.urn}"
    claim = settings(unlisted) | {"authority_code": "894"}
    alone = Call("PUT", path, json=claim)
    together = Call("POST", "/v1/schools", json=[claim | {"urn": unlisted.urn}])
    assert (await asked_by(world, SQUATTER, alone)).status_code == httpx.codes.NOT_FOUND
    assert (await asked_by(world, SQUATTER, together)).json()[0]["state"] == "refused"

    listing = Call("POST", "/v1/establishments", json=[listed(unlisted)])
    await asked_by(world, "the platform's administrator", listing)
    opened = await asked_by(world, OWNER, Call("PUT", path, json=settings(unlisted)))
    assert opened.status_code == httpx.codes.CREATED

    for call in (alone, Call("GET", path)):
        there = await asked_by(world, SQUATTER, call)
        nowhere = Call(call.method, f"/v1/schools/{world.nowhere.urn}", json=call.json)
        nothing = await asked_by(world, SQUATTER, nowhere)
        assert without_ids(there, unlisted) == without_ids(nothing, world.nowhere)
        assert there.status_code == httpx.codes.NOT_FOUND


async def test_no_authority_gives_its_school_away_or_lists_another(world: Any) -> None:
    handed_over = settings(world.ours) | {"authority_code": "894"}
    path = f"/v1/schools/{world.ours.urn}"
    answer = await asked_by(world, OWNER, Call("PUT", path, json=handed_over))
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/authority_code"]
    listing = Call("POST", "/v1/establishments", json=[listed(world.nowhere)])
    for client in (OWNER, SQUATTER, "the school's office", "the platform itself"):
        assert (await asked_by(world, client, listing)).status_code == httpx.codes.NOT_FOUND


async def test_a_stacks_own_schools_can_be_opened_at_once(world: Any) -> None:
    body = settings(world.ours)
    opened = await asked_by(world, OWNER, Call("PUT", "/v1/schools/100999", json=body))
    assert opened.is_success
