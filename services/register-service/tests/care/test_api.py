from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]

PATH = "/v1/care-statuses"


@pytest.fixture
async def child(school: Json, send_roll: SendRoll, line: Json) -> str:
    assert school["urn"] == "100001"
    [answer] = await send_roll(line)
    return str(answer["child_id"])


@pytest.fixture
def status(line: Json) -> Json:
    return {
        "upn": line["upn"],
        "kind": "CIN",
        "authority_code": "332",
        "worker": "worker-1",
        "valid_from": "2026-01-05",
    }


async def test_a_status_is_kept_once_and_told_once(
    client: httpx.AsyncClient, authority: Headers, child: str, status: Json, told: Told
) -> None:
    await told()
    first = await client.post(PATH, json=[status], headers=authority)
    again = await client.post(PATH, json=[status], headers=authority)
    assert first.json() == [
        {
            "line": 1,
            "state": "created",
            "errors": [],
            "standing": "in force",
            "child_id": child,
            "claim_id": None,
        }
    ]
    assert again.json()[0]["state"] == "unchanged"
    [event] = await told()
    assert (event["type"], event["child_id"], event["version"]) == ("care.changed.v1", child, 1)


@pytest.mark.parametrize("field", ["worker", "team"])
async def test_a_worker_and_a_team_are_ids_and_never_names(
    client: httpx.AsyncClient, authority: Headers, status: Json, field: str
) -> None:
    """They travel to the other services, which know no person."""
    answer = await client.post(PATH, json=[status | {field: "A. Worker"}], headers=authority)
    [line] = answer.json()
    assert line["state"] == "refused"
    assert [fault["pointer"] for fault in line["errors"]] == [f"#/{field}"]


async def test_every_announcement_names_all_that_is_known_of_the_child(
    client: httpx.AsyncClient, authority: Headers, child: str, status: Json, told: Told
) -> None:
    await client.post(PATH, json=[status], headers=authority)
    await told()
    looked_after = status | {"kind": "LAC", "valid_from": "2026-06-01"}
    ended = status | {"valid_to": "2026-05-31"}
    await client.post(PATH, json=[looked_after, ended], headers=authority)
    [event] = await told()
    assert (event["child_id"], event["version"]) == (child, 2)
    assert [(one["kind"], one["valid_to"]) for one in event["statuses"]] == [
        ("CIN", "2026-05-31"),
        ("LAC", None),
    ]


async def test_versions_of_one_child_only_grow(
    client: httpx.AsyncClient, authority: Headers, child: str, status: Json, told: Told
) -> None:
    await told()
    for worker in ("worker-1", "worker-2", "worker-1"):
        await client.post(PATH, json=[status | {"worker": worker}], headers=authority)
    assert [(event["child_id"], event["version"]) for event in await told()] == [
        (child, 1),
        (child, 2),
        (child, 3),
    ]


@pytest.mark.usefixtures("child")
async def test_only_the_responsible_authority_writes(
    client: httpx.AsyncClient, sign: Sign, status: Json, told: Told
) -> None:
    await told()
    for organisation in ("authority:333", "school:100001", "supplier:example-mis"):
        answer = await client.post(PATH, json=[status], headers=sign(organisation))
        assert [one["state"] for one in answer.json()] == ["refused"]
    assert await told() == []


async def test_another_authority_than_the_schools_may_be_responsible(
    client: httpx.AsyncClient, sign: Sign, child: str, status: Json, line: Json
) -> None:
    """It says who the child is: UPN, date of birth and surname as the school has them."""
    home = sign("authority:333")
    named = {"date_of_birth": line["date_of_birth"], "surname": line["surname"].upper()}
    sent = status | named | {"authority_code": "333"}
    answer = await client.post(PATH, json=[sent], headers=home)
    assert [(one["state"], one["standing"]) for one in answer.json()] == [("created", "in force")]
    read = await client.get(f"/v1/children/{child}/care-statuses", headers=home)
    assert [one["authority_code"] for one in read.json()["statuses"]] == ["333"]


async def test_good_lines_are_kept_beside_bad_ones(
    client: httpx.AsyncClient, authority: Headers, child: str, status: Json
) -> None:
    by_id = {key: status[key] for key in status if key != "upn"} | {"child_id": child}
    lines = [
        status | {"kind": "UNKNOWN"},
        by_id,
        by_id | {"child_id": None},
        status | {"valid_to": "2025-01-01"},
    ]
    answer = await client.post(PATH, json=lines, headers=authority)
    assert [one["state"] for one in answer.json()] == [
        "refused",
        "created",
        "refused",
        "refused",
    ]


async def test_the_worker_reads_a_status_until_the_allocation_ends(
    client: httpx.AsyncClient, authority: Headers, sign: Sign, child: str, status: Json
) -> None:
    worker = sign("authority:332", subject="worker-1")
    stranger = sign("school:100001", subject="clerk-1")
    path = f"/v1/children/{child}/care-statuses"
    await client.post(PATH, json=[status], headers=authority)
    assert (await client.get(path, headers=worker)).json()["statuses"][0]["kind"] == "CIN"
    assert (await client.get(path, headers=stranger)).status_code == 404
    reallocated = status | {"worker": "worker-2"}
    await client.post(PATH, json=[reallocated], headers=sign("authority:332"))
    former = sign("authority:333", subject="worker-1")
    assert (await client.get(path, headers=former)).status_code == 404
