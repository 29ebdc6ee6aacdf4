"""Care claims that wait for a person to say which children are one."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]

LINKS = "/v1/link-proposals"


@pytest.fixture
async def second(
    client: httpx.AsyncClient, sign: Sign, earlier: Json, *, school_body: Json, send_roll: SendRoll,
    born_otherwise: Json,
) -> Json:  # fmt: skip
    """The child's UPN at a second school of authority 332: one child, or two?"""
    assert earlier["state"] == "created"
    await client.put("/v1/schools/100003", json=school_body, headers=sign("authority:332"))
    [entered] = await send_roll(born_otherwise, urn="100003")
    return entered


async def test_a_claim_that_two_children_kept_waiting_is_in_force_once_they_are_one(
    client: httpx.AsyncClient, area: Headers, second: Json, *, line: Json, earlier: Json, told: Told
) -> None:
    """Nobody judged it again before the authority itself sent it the next time."""
    need = {
        "kind": "LAC",
        "authority_code": "332",
        "worker": "worker-1",
        "valid_from": "2026-01-05",
    }
    claim = need | {"upn": line["upn"]}
    [waits] = (await client.post("/v1/care-statuses", json=[claim], headers=area)).json()
    assert waits["standing"] == "pending"
    await told()

    await confirm_the_one(client, area)

    [care] = [event for event in await told() if event["type"] == "care.changed.v1"]
    assert (care["child_id"], second["child_id"] == care["child_id"]) == (
        earlier["child_id"],
        False,
    )
    assert [status["worker"] for status in care["statuses"]] == ["worker-1"]
    claims = (await client.get("/v1/care-claims", headers=area)).json()["items"]
    assert claims == []


@pytest.mark.parametrize("named", ["earlier", "newcomer"])
async def test_a_claim_by_the_id_of_either_child_is_judged_again_when_they_are_one(
    client: httpx.AsyncClient, area: Headers, sign: Sign, *, earlier: Json, newcomer: Json,
    named: str,
) -> None:  # fmt: skip
    """Each authority names the child whom only the other's school has on roll."""
    child, code = {"earlier": (earlier, "352"), "newcomer": (newcomer, "332")}[named]
    claimant = sign(f"authority:{code}")
    claim = {"kind": "CIN", "authority_code": code, "valid_from": "2026-01-05"}
    claim |= {"child_id": child["child_id"], "worker": "worker-1"}
    [waits] = (await client.post("/v1/care-statuses", json=[claim], headers=claimant)).json()
    assert waits["standing"] == "pending"

    await confirm_the_one(client, area)

    path = f"/v1/children/{earlier['child_id']}/care-statuses"
    statuses = (await client.get(path, headers=claimant)).raise_for_status().json()["statuses"]
    assert [status["worker"] for status in statuses] == ["worker-1"]


async def confirm_the_one(client: httpx.AsyncClient, area: Headers) -> None:
    """Confirm the one link that is proposed."""
    [item] = (await client.get(LINKS, headers=area)).json()["items"]
    path = f"{LINKS}/{item['id']}"
    version = {"if-match": (await client.get(path, headers=area)).headers["etag"]}
    body = {"decision": "confirm", "reason": "Both schools saw the passport"}
    answer = await client.post(f"{path}/decision", json=body, headers=area | version)
    assert answer.raise_for_status().json()["state"] == "confirmed"
