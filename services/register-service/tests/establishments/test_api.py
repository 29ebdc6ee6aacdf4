"""The list of establishments: who loads it, and what it opens and closes."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from attendance_testing.counting import statements
from register_service.establishments.api import COLUMNS

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]

PATH = "/v1/establishments"
LINE = {"urn": "100001", "authority_code": "332", "name": "Example Primary School"}
MOVED = LINE | {"authority_code": "333"}
CSV = {"content-type": "text/csv"}
HEADING = ",".join(COLUMNS.values())
MANY = 12_000
"""More lines than any other route takes."""
NOT_THERE = "There is nothing here that this token may see."


def answers_in(answer: httpx.Response) -> list[Json]:
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize(
    "organisation",
    ["authority:332", "school:100001", "supplier:example-mis", "service:reporting", "platform"],
)
async def test_nobody_but_the_administrator_loads_the_list(
    client: httpx.AsyncClient, sign: Sign, organisation: str
) -> None:
    answer = await client.post(PATH, json=[MOVED], headers=sign(organisation))
    assert (answer.status_code, answer.json()["detail"]) == (404, NOT_THERE)


async def test_the_administrators_organisation_alone_is_not_enough(
    client: httpx.AsyncClient, sign: Sign
) -> None:
    headers = sign("platform:firstday", scopes="school.write")
    assert (await client.post(PATH, json=[MOVED], headers=headers)).status_code == 403


async def test_each_line_is_answered_and_the_same_list_again_changes_nothing(
    client: httpx.AsyncClient, administrator: Headers, told: Told
) -> None:
    lines = [LINE, LINE | {"urn": "100077"}, LINE | {"urn": "1"}, LINE | {"status": "gone"}, LINE]
    content = "\n".join(json.dumps(line) for line in lines)
    headers = administrator | {"content-type": "application/x-ndjson"}
    first = answers_in(await client.post(PATH, content=content, headers=headers))
    again = answers_in(await client.post(PATH, content=content, headers=headers))
    assert [one["state"] for one in first] == [
        "unchanged", "created", "refused", "refused", "refused",
    ]  # fmt: skip
    assert [one["errors"][0]["pointer"] for one in first[2:]] == ["#/urn", "#/status", "#/urn"]
    assert "gone" not in json.dumps(first)
    assert {one["state"] for one in again} == {"unchanged", "refused"}
    assert await told() == []


async def test_the_registers_own_file_opens_a_school_to_its_authority(
    client: httpx.AsyncClient, administrator: Headers, school_body: Json, authority: Headers
) -> None:
    row = "100055,332,2055,Heron Way,Community school,Primary,Open,01-09-1998,"
    bad = row.replace("100055", "100056").replace("01-09-1998", "then")
    answer = await client.post(
        PATH, content=f"{HEADING}\n{row}\n{bad}\n", headers=administrator | CSV
    )
    assert answers_in(answer) == [
        {"line": 2, "state": "created", "errors": [], "urn": "100055"},
        {
            "line": 3,
            "state": "refused",
            "errors": [{"detail": "Write a day as dd-mm-yyyy.", "pointer": "#/OpenDate"}],
        },
    ]
    for urn, status in (("100055", 201), ("100056", 404)):
        kept = await client.put(f"/v1/schools/{urn}", json=school_body, headers=authority)
        assert kept.status_code == status


async def test_a_file_that_is_another_is_refused_with_what_it_lacks(
    client: httpx.AsyncClient, administrator: Headers
) -> None:
    answer = await client.post(PATH, content="urn,name\n", headers=administrator | CSV)
    assert answer.status_code == 422
    assert "URN" in answer.json()["errors"][0]["detail"]


async def test_a_new_list_moves_a_school_and_who_reaches_it(
    client: httpx.AsyncClient, school: Json, school_body: Json, administrator: Headers, sign: Sign
) -> None:
    assert school["authority_code"] == "332"
    await client.post(PATH, json=[MOVED, LINE | {"urn": "100002"}], headers=administrator)
    path = "/v1/schools/100001"
    for authority, status in (("333", 200), ("332", 404)):
        headers = sign(f"authority:{authority}")
        body = school_body | {"authority_code": authority}
        assert (await client.get(path, headers=headers)).status_code == status
        assert (await client.put(path, json=body, headers=headers)).status_code == status


async def test_a_school_that_moves_is_announced_once_and_no_other_is(
    client: httpx.AsyncClient, school: Json, administrator: Headers, told: Told
) -> None:
    await told()
    for _ in range(2):
        await client.post(PATH, json=[MOVED, LINE | {"urn": "100002"}], headers=administrator)
    [event] = await told()
    assert (event["type"], event["urn"]) == ("school.changed.v1", school["urn"])
    assert (event["authority_code"], event["version"]) == ("333", school["version"] + 1)


async def test_a_school_that_has_closed_is_kept_on_and_not_begun(
    client: httpx.AsyncClient,
    school: Json,
    school_body: Json,
    administrator: Headers,
    authority: Headers,
) -> None:
    closed = [LINE | {"urn": urn, "status": "closed"} for urn in (school["urn"], "100002")]
    await client.post(PATH, json=closed, headers=administrator)
    renamed = school_body | {"name": "Heron Way Primary School"}
    kept = await client.put("/v1/schools/100001", json=renamed, headers=authority)
    begun = await client.put("/v1/schools/100002", json=school_body, headers=authority)
    assert kept.json()["state"] == "changed"
    assert begun.status_code == 422
    assert [fault["pointer"] for fault in begun.json()["errors"]] == ["#/urn"]


async def test_what_keeps_no_register_is_listed_and_given_to_nobody(
    client: httpx.AsyncClient, administrator: Headers, school_body: Json, authority: Headers
) -> None:
    centre = LINE | {"kind": "Children's centre"}
    [answer] = (await client.post(PATH, json=[centre], headers=administrator)).json()
    assert answer["state"] == "changed"
    kept = await client.put("/v1/schools/100001", json=school_body, headers=authority)
    assert kept.status_code == 404


async def test_an_authority_that_comes_first_gets_nothing_and_takes_nothing(
    client: httpx.AsyncClient, school_body: Json, administrator: Headers, sign: Sign, told: Told
) -> None:
    """Once whoever created a URN first held it for ever, and read the roll of the true school."""
    squatter, owner = sign("authority:333"), sign("authority:332")
    path, body = "/v1/schools/300001", school_body | {"authority_code": "333"}
    assert (await client.put(path, json=body, headers=squatter)).status_code == 404
    assert await told() == []
    await client.post(PATH, json=[LINE | {"urn": "300001"}], headers=administrator)
    assert (await client.put(path, json=body, headers=squatter)).status_code == 404
    assert (await client.put(path, json=school_body, headers=owner)).status_code == 201
    assert (await client.get(path, headers=squatter)).status_code == 404


@pytest.mark.usefixtures("school")
async def test_a_school_of_another_area_costs_its_stranger_what_no_school_costs(
    client: httpx.AsyncClient, school_body: Json, sign: Sign
) -> None:
    """Kept, only listed, or unknown: the same statements, so that time tells nothing."""
    asked = []
    for urn in ("100001", "100002", "999999"):
        with statements() as sent:
            await client.put(f"/v1/schools/{urn}", json=school_body, headers=sign("authority:333"))
        asked.append(list(sent))
    assert asked[0] == asked[1] == asked[2]


async def test_a_long_list_is_one_request_and_a_handful_of_statements(
    client: httpx.AsyncClient, administrator: Headers
) -> None:
    rows = [
        f"{200_000 + n},332,{2000 + n % 8000},School {n},Community school,Primary,Open,01-09-1998,"
        for n in range(MANY)
    ]
    content = "\n".join([HEADING, *rows])
    for state in ("created", "unchanged"):
        with statements() as sent:
            answer = await client.post(PATH, content=content, headers=administrator | CSV)
        assert answer.text.count(f'"{state}"') == MANY
        assert len(sent) < 10
