"""What copies are rebuilt and mended from: the state of now, as the events that tell of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from attendance_contracts.identifiers import make_upn
from attendance_runtime.web import paging

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]

CASES = [
    ("schools", "school.changed.v1", "school_id"),
    ("calendars", "calendar.changed.v1", "school_id"),
    ("enrolments", "enrolment.changed.v1", "enrolment_id"),
    ("enrolments", "enrolment.changed.v1", "school_id"),
    ("care-statuses", "care.changed.v1", "child_id"),
]


@pytest.fixture
async def facts(
    client: httpx.AsyncClient,
    authority: Headers,
    school_body: Json,
    *,
    line: Json,
    told: Told,
    send_roll: SendRoll,
) -> list[Json]:
    """Three schools with a year, one pupil each, in need; everything is told once."""
    for number in (1, 2, 3):
        urn = f"10000{number}"
        year: Json = {"terms": [{"from": "2026-09-02", "to": "2026-09-04"}]}
        upn = make_upn(332, 2000, 21, number)
        need = {"upn": upn, "kind": "CIN", "authority_code": "332", "valid_from": "2026-01-05"}
        await client.put(f"/v1/schools/{urn}", json=school_body, headers=authority)
        await client.put(f"/v1/schools/{urn}/calendars/2026", json=year, headers=authority)
        await send_roll(line | {"upn": upn, "mis_id": str(number)}, urn=urn)
        await client.post("/v1/care-statuses", json=[need], headers=authority)
    return await told()


async def read_all(client: httpx.AsyncClient, what: str, headers: Headers) -> list[Json]:
    """Follow a bulk read two items at a time."""
    items: list[Json] = []
    place: dict[str, str] = {"limit": "2"}
    while True:
        page = await client.get(f"/v1/bulk/{what}", params=place, headers=headers)
        items += page.raise_for_status().json()["items"]
        if page.json()["next"] is None:
            return items
        place["after"] = page.json()["next"]


def told_as(type_: str, facts: list[Json]) -> list[Json]:
    return [
        {name: value for name, value in fact.items() if name != "type"}
        for fact in facts
        if fact["type"] == type_
    ]


@pytest.mark.parametrize(("what", "type_", "key"), CASES)
async def test_everything_is_read_as_it_was_told(
    client: httpx.AsyncClient, sign: Sign, facts: list[Json], *, what: str, type_: str, key: str
) -> None:
    items = await read_all(client, what, sign("service:reporting"))

    assert items == sorted(told_as(type_, facts), key=lambda fact: str(fact[key]))
    assert len(items) == 3


@pytest.mark.parametrize("what", sorted({what for what, _, _ in CASES}))
async def test_a_full_page_leads_on_only_where_there_is_more(
    client: httpx.AsyncClient, sign: Sign, facts: list[Json], what: str
) -> None:
    headers = sign("service:reporting")
    for limit, leads_on in ((2, True), (3, False), (4, False)):
        answer = await client.get(f"/v1/bulk/{what}", params={"limit": limit}, headers=headers)
        page = answer.raise_for_status().json()
        assert len(page["items"]) == min(limit, 3)
        assert (page["next"] is not None) == leads_on


@pytest.mark.parametrize(("what", "type_", "key"), CASES)
async def test_one_thing_is_read_by_its_id(
    client: httpx.AsyncClient, sign: Sign, facts: list[Json], *, what: str, type_: str, key: str
) -> None:
    wanted = told_as(type_, facts)[1]

    answer = await client.get(
        f"/v1/bulk/{what}", params={key: wanted[key]}, headers=sign("service:reporting")
    )

    assert answer.json() == {"items": [wanted], "next": None}


@pytest.mark.parametrize("what", sorted({what for what, _, _ in CASES} | {"marks"}))
async def test_nobody_but_the_services_reads_in_bulk(
    client: httpx.AsyncClient, authority: Headers, sign: Sign, what: str
) -> None:
    unscoped = sign("service:reporting", scopes="roll.read")

    assert (await client.get(f"/v1/bulk/{what}", headers=authority)).status_code == 404
    assert (await client.get(f"/v1/bulk/{what}", headers=unscoped)).status_code == 403


async def test_the_marks_of_one_school_are_read_without_the_others(
    client: httpx.AsyncClient, sign: Sign, facts: list[Json]
) -> None:
    enrolments = told_as("enrolment.changed.v1", facts)
    supplier = sign("supplier:example-mis", scopes="register.write")
    for number, enrolment in enumerate(enrolments, start=1):
        path = f"/v1/schools/10000{number}/registers/2026-09-03/AM"
        marks = [{"enrolment_id": enrolment["enrolment_id"], "code": "I"}]
        sent = await client.put(path, json={"marks": marks}, headers=supplier)
        sent.raise_for_status()

    answer = await client.get(
        "/v1/bulk/marks",
        params={"school_id": enrolments[1]["school_id"]},
        headers=sign("service:reporting"),
    )

    mark = [enrolments[1]["enrolment_id"], "2026-09-03", "AM", "I"]
    assert answer.json() == {"marks": [mark], "next": None}


async def test_marks_are_read_page_by_page_an_enrolments_all_on_one(
    client: httpx.AsyncClient, sign: Sign, facts: list[Json]
) -> None:
    supplier = sign("supplier:example-mis", scopes="register.write")
    expected = []
    for number, enrolment in enumerate(told_as("enrolment.changed.v1", facts), start=1):
        for session in ("AM", "PM"):
            path = f"/v1/schools/10000{number}/registers/2026-09-03/{session}"
            marks = [{"enrolment_id": enrolment["enrolment_id"], "code": "I"}]
            sent = await client.put(path, json={"marks": marks}, headers=supplier)
            sent.raise_for_status()
            expected.append([enrolment["enrolment_id"], "2026-09-03", session, "I"])

    pages: list[list[object]] = []
    place: dict[str, str] = {}
    while True:
        answer = await client.get(
            "/v1/bulk/marks", params={"limit": 1, **place}, headers=sign("service:reporting")
        )
        page = answer.raise_for_status().json()
        pages.append(page["marks"])
        if page["next"] is None:
            break
        place = {"after": page["next"]}

    assert {len(page) for page in pages} == {2}, "no page is empty, not even the last"
    assert [mark for page in pages for mark in page] == sorted(expected)


@pytest.mark.parametrize("place", [["x"], ["0" * 32, "2026-09-07", "AM"]])
async def test_a_cursor_of_marks_that_was_never_given_out_leads_nowhere(
    client: httpx.AsyncClient, sign: Sign, place: list[str]
) -> None:
    answer = await client.get(
        "/v1/bulk/marks",
        params={"after": paging.encode(place)},
        headers=sign("service:reporting"),
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "query:after"
