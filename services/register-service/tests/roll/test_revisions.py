"""What a school said of a child before: each change leaves what it replaced."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from attendance_runtime.database import Database
from attendance_runtime.web import paging
from attendance_testing.answers import next_page, without_trace

Json = dict[str, Any]
Headers = dict[str, str]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]

pytestmark = pytest.mark.usefixtures("school")
LIFTED = {"confidential_address": False, "confidential_address_reason": "The order has ended"}


@pytest.fixture
async def path(send_roll: SendRoll, line: Json) -> str:
    """The revisions of a child whose surname, date of birth and flag have changed, one by one."""
    changes: list[Json] = [
        {},
        {"surname": "Exampel"},
        {"date_of_birth": "2017-05-14"},
        {"confidential_address": True},
        LIFTED,
    ]
    for change in changes:
        line |= change
        [answer] = await send_roll(line)
    return f"/v1/enrolments/{answer['enrolment_id']}/revisions"


async def test_each_change_leaves_what_was_there_before_and_who_replaced_it(
    client: httpx.AsyncClient, office: Headers, path: str
) -> None:
    items = (await client.get(path, headers=office)).raise_for_status().json()["items"]
    told = [
        (one["revision"], one["surname"], one["date_of_birth"], one["confidential_address"])
        for one in items
    ]
    assert told == [
        (1, "Example", "2017-05-04", False),
        (2, "Exampel", "2017-05-04", False),
        (3, "Exampel", "2017-05-14", False),
        (4, "Exampel", "2017-05-14", True),
    ]
    assert [one["reason"] for one in items] == [None, None, None, "The order has ended"]
    assert {
        (one["replaced_by"], one["replaced_by_subject"], one["replaced_at"]) for one in items
    } == {("supplier:example-mis", "somebody", "2026-11-20T09:00:00Z")}


async def test_an_enrolment_that_nobody_changed_has_none(
    client: httpx.AsyncClient, office: Headers, send_roll: SendRoll, line: Json
) -> None:
    for _ in range(2):
        [answer] = await send_roll(line)
    path = f"/v1/enrolments/{answer['enrolment_id']}/revisions"
    assert (await client.get(path, headers=office)).json() == {"items": [], "next": None}


async def test_they_are_read_page_by_page(
    client: httpx.AsyncClient, office: Headers, path: str
) -> None:
    pages: list[list[int]] = []
    url: str | None = f"{path}?limit=3"
    while url:
        answer = await client.get(url, headers=office)
        pages.append([one["revision"] for one in answer.json()["items"]])
        url = next_page(answer)
    assert pages == [[1, 2, 3], [4]]


@pytest.mark.parametrize("place", ["x", "-1", "1e3", "٣", "1234567890", str(UUID(int=1))])
async def test_a_cursor_that_we_never_gave_out_is_refused(
    client: httpx.AsyncClient, office: Headers, path: str, place: str
) -> None:
    answer = await client.get(path, params={"after": paging.encode([place])}, headers=office)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["query:after"]


async def test_the_schools_readers_read_them_and_nobody_else(
    client: httpx.AsyncClient, sign: Sign, office: Headers, path: str, *, line: Json,
    send_roll: SendRoll, school_body: Json,
) -> None:  # fmt: skip
    """Another school that has the child, too, learns nothing of what this one said."""
    elsewhere = school_body | {"authority_code": "352"}
    await client.put("/v1/schools/300002", json=elsewhere, headers=sign("authority:352"))
    [there] = await send_roll(
        line | {"date_of_birth": "2017-05-04", "surname": "Example"}, urn="300002"
    )
    assert there["child_id"]
    nothing = await client.get(f"/v1/enrolments/{uuid4()}/revisions", headers=office)
    for organisation in ("school:300002", "authority:352", "supplier:example-mis"):
        refused = await client.get(path, headers=sign(organisation))
        assert (refused.status_code, without_trace(refused)) == (404, without_trace(nothing))
    for organisation in ("school:100001", "authority:332"):
        assert (await client.get(path, headers=sign(organisation))).status_code == 200


async def test_the_reading_is_logged(
    client: httpx.AsyncClient, sign: Sign, path: str, database: Database
) -> None:
    clerk = sign("school:100001", subject="clerk-1")
    enrolment = (await client.get(path.removesuffix("/revisions"), headers=clerk)).json()
    await client.get(path, headers=clerk)
    async with database.transaction() as db:
        found = await db.execute(
            text("SELECT subject, action, child_ids::text[] FROM access_log ORDER BY id")
        )
        read = [tuple(row) for row in found]
    assert read == [("clerk-1", "roll.read", [enrolment["child_id"]])] * 2
