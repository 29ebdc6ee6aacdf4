import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from attendance_contracts.calendar import Session
from attendance_runtime.database import Database
from register_service.calendar.domain import YEARS_KEPT
from register_service.calendar.repository import load_calendar

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]

PATH = "/v1/schools/100001/calendars/2026"
YEAR: Json = {
    "terms": [
        {"from": "2026-09-02", "to": "2026-12-18"},
        {"from": "2027-01-04", "to": "2027-03-25"},
    ],
    "closures": [
        {"date": "2026-10-26", "reason": "half-term"},
        {"date": "2026-11-27", "session": "PM", "reason": "INSET"},
    ],
}

pytestmark = pytest.mark.usefixtures("school")


async def test_a_year_is_set_once_and_told_once(
    client: httpx.AsyncClient, supplier: Headers, told: Told
) -> None:
    await told()
    first = await client.put(PATH, json=YEAR, headers=supplier)
    again = await client.put(PATH, json=YEAR, headers=supplier)
    assert (first.status_code, first.json()["state"]) == (201, "created")
    assert (again.status_code, again.json()["state"]) == (200, "unchanged")
    [event] = await told()
    assert (event["type"], event["school_year"]) == ("calendar.changed.v1", 2026)
    assert event["slots"] == first.json()["slots"]


async def test_a_changed_year_is_told_with_a_new_version(
    client: httpx.AsyncClient, office: Headers, told: Told
) -> None:
    await client.put(PATH, json=YEAR, headers=office)
    await told()
    answer = await client.put(PATH, json=YEAR | {"closures": []}, headers=office)
    assert (answer.json()["state"], answer.headers["etag"]) == ("changed", '"r2"')
    assert [event["version"] for event in await told()] == [2]


async def test_a_year_reads_as_it_was_sent(client: httpx.AsyncClient, office: Headers) -> None:
    await client.put(PATH, json=YEAR, headers=office)
    answer = await client.get(PATH, headers=office)
    assert (answer.json()["label"], answer.json()["terms"]) == ("2026/27", YEAR["terms"])
    assert answer.json()["closures"][1] == YEAR["closures"][1]


async def test_a_year_that_was_never_sent_is_not_found(
    client: httpx.AsyncClient, office: Headers
) -> None:
    assert (await client.get(PATH, headers=office)).status_code == 404


async def test_more_closures_than_a_year_has_sessions_are_refused(
    client: httpx.AsyncClient, office: Headers
) -> None:
    closures = [{"date": "2026-10-26", "reason": "half-term"}] * 801
    answer = await client.put(PATH, json=YEAR | {"closures": closures}, headers=office)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/closures"]


async def test_a_year_that_cannot_be_is_refused_with_pointers(
    client: httpx.AsyncClient, office: Headers, told: Told
) -> None:
    await told()
    wrong = {
        "terms": [{"from": "2026-08-31", "to": "2026-12-18"}],
        "closures": [{"date": "2027-05-03", "reason": "bank-holiday"}],
    }
    answer = await client.put(PATH, json=wrong, headers=office)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [
        "#/terms/0/from",
        "#/closures/0/date",
    ]
    assert await told() == []


async def test_another_school_or_supplier_sets_no_year(
    client: httpx.AsyncClient, sign: Sign
) -> None:
    for organisation in ("school:100002", "supplier:another-mis", "authority:333"):
        answer = await client.put(PATH, json=YEAR, headers=sign(organisation))
        assert answer.status_code == 404


async def test_many_years_get_an_answer_each(
    client: httpx.AsyncClient, supplier: Headers, told: Told
) -> None:
    await told()
    lines = [
        YEAR | {"urn": "100001", "school_year": 2026},
        YEAR | {"urn": "100009", "school_year": 2026},
        YEAR | {"urn": "100001", "school_year": 2027},
    ]
    answer = await client.post(
        "/v1/calendars",
        content="\n".join(map(json.dumps, lines)),
        headers=supplier | {"content-type": "application/x-ndjson"},
    )
    answers = [json.loads(line) for line in answer.text.splitlines()]
    assert [(one["urn"], one["state"]) for one in answers] == [
        ("100001", "created"),
        ("100009", "refused"),
        ("100001", "refused"),
    ]
    assert len(await told()) == 1


async def test_the_calendar_that_other_subjects_load_holds_the_sessions(
    client: httpx.AsyncClient, office: Headers, database: Database, told: Told
) -> None:
    await client.put(PATH, json=YEAR, headers=office)
    school_id = UUID((await told())[-1]["school_id"])
    async with database.transaction() as db:
        calendar = await load_calendar(db, school_id, 2026)
        missing = await load_calendar(db, school_id, 2027)
    assert missing is None
    assert calendar is not None
    assert calendar.is_session(date(2026, 11, 27), Session.AM)
    assert not calendar.is_session(date(2026, 11, 27), Session.PM)


async def test_marks_have_a_place_in_every_year_kept_and_in_no_other(database: Database) -> None:
    async with database.engine.connect() as connection:
        found = await connection.exec_driver_sql(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'marks'::regclass"
        )
        partitions = {row[0] for row in found}
    assert partitions == {f"marks_{year}_{(year + 1) % 100:02d}" for year in YEARS_KEPT}
