from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from attendance_contracts.identifiers import make_upn
from attendance_runtime.database import Database
from attendance_testing.answers import next_page, without_trace
from attendance_testing.counting import statements

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]

pytestmark = pytest.mark.usefixtures("school")


@pytest.fixture
async def enrolment(school: Json, send_roll: SendRoll, line: Json) -> Json:
    assert school["urn"] == "100001"
    [answer] = await send_roll(line)
    return answer


@pytest.fixture
def path(enrolment: Json) -> str:
    return f"/v1/enrolments/{enrolment['enrolment_id']}"


async def reads(database: Database) -> list[tuple[str, str, list[str]]]:
    async with database.transaction() as db:
        found = await db.execute(
            text("SELECT subject, action, child_ids::text[] FROM access_log ORDER BY id")
        )
        return [(row[0], row[1], row[2]) for row in found]


async def test_the_school_reads_its_enrolment_and_the_read_is_logged(
    client: httpx.AsyncClient, sign: Sign, path: str, enrolment: Json, database: Database
) -> None:
    clerk = sign("school:100001", subject="clerk-1")
    answer = await client.get(path, headers=clerk)
    assert (answer.json()["surname"], answer.json()["class_code"]) == ("Example", "4A")
    assert answer.headers["etag"] == '"r1"'
    assert await reads(database) == [("clerk-1", "roll.read", [enrolment["child_id"]])]


async def test_an_enrolment_elsewhere_and_none_at_all_look_the_same(
    client: httpx.AsyncClient, sign: Sign, office: Headers, path: str
) -> None:
    foreign = await client.get(path, headers=sign("school:100002"))
    nothing = await client.get(f"/v1/enrolments/{uuid4()}", headers=office)
    assert foreign.status_code == nothing.status_code == 404
    assert without_trace(foreign) == without_trace(nothing)


async def test_a_class_is_changed_and_told_once(
    client: httpx.AsyncClient, office: Headers, path: str, told: Told
) -> None:
    await told()
    version = office | {"if-match": '"r1"'}
    answer = await client.patch(path, json={"class_code": "4B"}, headers=version)
    assert (answer.json()["class_code"], answer.headers["etag"]) == ("4B", '"r2"')
    [event] = await told()
    assert (event["type"], event["class_code"]) == ("enrolment.changed.v1", "4B")


async def test_an_amendment_locks_the_school_before_the_enrolment_as_a_roll_does(
    client: httpx.AsyncClient, office: Headers, path: str
) -> None:
    """In the other order each would wait for the other, and one of them would fail."""
    version = office | {"if-match": '"r1"'}
    with statements() as sent:
        await client.patch(path, json={"class_code": "4B"}, headers=version)
    [locked] = [place for place, sql in enumerate(sent) if "FOR NO KEY UPDATE" in sql]
    [written] = [place for place, sql in enumerate(sent) if "INSERT INTO enrolments" in sql]
    assert locked < written


async def test_the_same_class_again_is_not_told(
    client: httpx.AsyncClient, office: Headers, path: str, told: Told
) -> None:
    await told()
    version = office | {"if-match": '"r1"'}
    answer = await client.patch(path, json={"class_code": "4A"}, headers=version)
    assert answer.headers["etag"] == '"r1"'
    assert await told() == []


async def test_a_last_day_is_set_and_taken_away(
    client: httpx.AsyncClient, office: Headers, path: str
) -> None:
    left = await client.patch(
        path, json={"ends_on": "2026-12-01"}, headers=office | {"if-match": '"r1"'}
    )
    stayed = await client.patch(path, json={"ends_on": None}, headers=office | {"if-match": '"r2"'})
    assert (left.json()["ends_on"], stayed.json()["ends_on"]) == ("2026-12-01", None)


@pytest.mark.parametrize(("version", "status"), [(None, 428), ('"r2"', 412), ("*", 412)])
async def test_an_editor_says_which_version_they_saw(
    client: httpx.AsyncClient, office: Headers, path: str, version: str | None, status: int
) -> None:
    headers = office | ({"if-match": version} if version else {})
    answer = await client.patch(path, json={"class_code": "4B"}, headers=headers)
    assert answer.status_code == status


async def test_a_last_day_before_the_first_is_refused_with_a_pointer(
    client: httpx.AsyncClient, office: Headers, path: str
) -> None:
    answer = await client.patch(
        path, json={"ends_on": "2026-09-01"}, headers=office | {"if-match": '"r1"'}
    )
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/ends_on"]


async def test_names_are_read_only_for_children_within_reach(
    client: httpx.AsyncClient, sign: Sign, enrolment: Json, database: Database
) -> None:
    wanted = {"enrolment_ids": [enrolment["enrolment_id"], str(uuid4())]}
    for organisation, seen in (
        ("school:100001", 1),
        ("authority:332", 1),
        ("school:100002", 0),
        ("authority:333", 0),
        ("supplier:example-mis", 0),
    ):
        answer = await client.post("/v1/children/names", json=wanted, headers=sign(organisation))
        assert (organisation, len(answer.json()["children"])) == (organisation, seen)
    assert len(await reads(database)) == 5


async def test_an_allocated_worker_reads_a_name_wherever_the_child_goes_to_school(
    client: httpx.AsyncClient, authority: Headers, sign: Sign, enrolment: Json
) -> None:
    worker = sign("authority:333", subject="worker-1")
    wanted = {"enrolment_ids": [enrolment["enrolment_id"]]}
    allocation = {
        "child_id": enrolment["child_id"],
        "kind": "CIN",
        "authority_code": "332",
        "worker": "worker-1",
        "valid_from": "2026-01-05",
    }
    for last_day, seen in ((None, 1), ("2026-11-19", 0)):
        line = allocation | {"valid_to": last_day}
        await client.post("/v1/care-statuses", json=[line], headers=authority)
        answer = await client.post("/v1/children/names", json=wanted, headers=worker)
        assert len(answer.json()["children"]) == seen


async def test_a_page_asks_for_five_hundred_names_at_most(
    client: httpx.AsyncClient, office: Headers
) -> None:
    wanted = {"enrolment_ids": [str(uuid4()) for _ in range(501)]}
    answer = await client.post("/v1/children/names", json=wanted, headers=office)
    assert answer.status_code == 422


async def test_a_service_reads_every_enrolment_page_by_page(
    client: httpx.AsyncClient, sign: Sign, send_roll: SendRoll, line: Json
) -> None:
    lines = [
        line | {"upn": make_upn(332, 2000, 20, number), "mis_id": str(number)}
        for number in range(1, 6)
    ]
    sent = {answer["enrolment_id"] for answer in await send_roll(*lines)}
    service = sign("service:reporting")
    read: list[str] = []
    url: str | None = "/v1/bulk/enrolments?limit=2"
    while url:
        page = await client.get(url, headers=service)
        read += [item["enrolment_id"] for item in page.json()["items"]]
        url = next_page(page)
    assert read == sorted(sent)
    assert "Avery" not in page.text


@pytest.mark.parametrize("cursor", ["nonsense", "WyJub3QgYW4gaWQiXQ"])
async def test_a_cursor_we_never_gave_is_refused(
    client: httpx.AsyncClient, sign: Sign, cursor: str
) -> None:
    answer = await client.get(
        f"/v1/bulk/enrolments?after={cursor}", headers=sign("service:reporting")
    )
    assert answer.status_code == 422


async def test_nobody_else_reads_in_bulk(
    client: httpx.AsyncClient, authority: Headers, sign: Sign
) -> None:
    assert (await client.get("/v1/bulk/enrolments", headers=authority)).status_code == 404
    unscoped = sign("service:reporting", scopes="roll.read")
    assert (await client.get("/v1/bulk/enrolments", headers=unscoped)).status_code == 403
