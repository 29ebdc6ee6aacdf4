"""A roll is corrected: ids that move, UPNs that are replaced, starting days, two masters."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from attendance_contracts.identifiers import make_upn, upn_check_letter
from attendance_runtime.database import Database

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]

pytestmark = pytest.mark.usefixtures("calendar")

SECOND, THIRD = make_upn(332, 2000, 21, 2), make_upn(332, 2000, 21, 3)
TEMPORARY = upn_check_letter("33220002100A") + "33220002100A"


@pytest.fixture
async def calendar(client: httpx.AsyncClient, school: Json, sign: Sign) -> None:
    assert school["urn"] == "100001"
    terms = {"terms": [{"from": "2026-09-02", "to": "2026-12-18"}], "closures": []}
    headers = sign("authority:332")
    answer = await client.put("/v1/schools/100001/calendars/2026", json=terms, headers=headers)
    answer.raise_for_status()


@pytest.fixture
def take(client: httpx.AsyncClient, sign: Sign) -> Callable[..., Awaitable[Json]]:
    """Send the morning's register of a day as the office; the answer."""

    async def send(*marks: Json, day: str = "2026-11-20", path: str = "registers") -> Json:
        headers = sign("school:100001", scopes="register.write")
        address = f"/v1/schools/100001/{path}/{day}/AM"
        answer = await client.put(address, json={"marks": marks}, headers=headers)
        body: Json = answer.json() | {"status": answer.status_code}
        return body

    return send


@pytest.fixture
def marked(database: Database) -> Callable[[], Awaitable[dict[str, str]]]:
    """Return the code of every enrolment that has a mark."""

    async def read() -> dict[str, str]:
        async with database.transaction() as db:
            found = await db.execute(text("SELECT enrolment_id, code FROM marks"))
            return {str(row[0]): row[1] for row in found}

    return read


Take = Callable[..., Awaitable[Json]]
Marked = Callable[[], Awaitable[dict[str, str]]]


def children(line: Json) -> list[Json]:
    """Three children with the MIS ids 1, 2 and 3."""
    return [
        line | {"upn": upn, "mis_id": str(number), "forename": name}
        for number, (upn, name) in enumerate(
            [(line["upn"], "Avery"), (SECOND, "Robin"), (THIRD, "Sam")], start=1
        )
    ]


@pytest.mark.parametrize(
    "ids",
    [("2", "1", "3"), ("2", "3", "1"), ("2", "3", "4"), ("3", "1", "2"), ("4", "5", "6")],
    ids=["swap", "circle", "chain", "other circle", "all anew"],
)
async def test_a_register_by_ids_that_moved_finds_the_right_children(
    send_roll: SendRoll, line: Json, take: Take, marked: Marked, ids: tuple[str, ...]
) -> None:
    await send_roll(*children(line))
    moved = [child | {"mis_id": mis_id} for child, mis_id in zip(children(line), ids, strict=True)]
    answers = await send_roll(*moved)
    changed = ["unchanged" if mis_id == str(n) else "changed" for n, mis_id in enumerate(ids, 1)]
    assert [one["state"] for one in answers] == changed
    codes = dict(zip(ids, "/IM", strict=True))
    answer = await take(*({"mis_id": mis_id, "code": code} for mis_id, code in codes.items()))
    assert (answer["status"], answer["new"]) == (200, 3)
    assert [(await marked())[one["enrolment_id"]] for one in answers] == list("/IM")
    assert [one["state"] for one in await send_roll(*moved)] == ["unchanged"] * 3


async def test_an_id_that_a_leaver_had_is_free_for_a_newcomer(
    send_roll: SendRoll, line: Json, take: Take, marked: Marked
) -> None:
    left = line | {"ends_on": "2026-10-16"}
    await send_roll(left)
    newcomer = line | {"upn": SECOND, "forename": "Robin", "starts_on": "2026-11-02"}
    first, second = await send_roll(left, newcomer)
    assert (first["state"], second["state"]) == ("unchanged", "created")
    assert (await take({"mis_id": "1", "code": "/"}))["new"] == 1
    assert await marked() == {second["enrolment_id"]: "/"}
    assert [one["state"] for one in await send_roll(left, newcomer)] == ["unchanged"] * 2


@pytest.mark.parametrize("by", [TEMPORARY, TEMPORARY.lower(), None], ids=["old", "small", "new"])
async def test_a_pupil_is_found_by_the_permanent_upn_and_by_the_temporary_one(
    send_roll: SendRoll, line: Json, take: Take, by: str | None, *, told: Told
) -> None:
    [first] = await send_roll(line | {"upn": TEMPORARY})
    await told()
    [second] = await send_roll(line)
    assert second == first | {"state": "changed"}
    assert (await send_roll(line))[0]["state"] == "unchanged"
    assert await told() == []
    answer = await take({"upn": by or line["upn"], "code": "/"})
    assert (answer["status"], answer["new"], answer["missing"]) == (200, 1, [])


async def test_a_former_upn_is_kept_with_who_replaced_it_and_when(
    send_roll: SendRoll, line: Json, database: Database
) -> None:
    await send_roll(line | {"upn": TEMPORARY})
    await send_roll(line)
    async with database.transaction() as db:
        found = await db.execute(
            text("""
                SELECT scheme, value, replaced_by, replaced_by_subject, replaced_at::date::text
                FROM enrolment_keys WHERE scheme LIKE '%UPN' ORDER BY scheme
            """)
        )
        assert [tuple(row) for row in found] == [
            ("FORMER_UPN", TEMPORARY, "supplier:example-mis", "somebody", "2026-11-20"),
            ("UPN", line["upn"], None, None, None),
        ]


async def test_a_status_by_either_upn_finds_the_pupil(
    client: httpx.AsyncClient, authority: Headers, send_roll: SendRoll, line: Json
) -> None:
    await send_roll(line | {"upn": TEMPORARY})
    [pupil] = await send_roll(line)
    for kind, upn in (("CIN", TEMPORARY), ("CP", line["upn"].lower())):
        said = {"upn": upn, "kind": kind, "authority_code": "332", "valid_from": "2026-01-05"}
        answer = await client.post("/v1/care-statuses", json=[said], headers=authority)
        [one] = answer.json()
        assert (one["standing"], one["child_id"]) == ("in force", pupil["child_id"])


async def test_a_upn_that_was_anothers_by_mistake_leads_to_whoever_goes_by_it_now(
    send_roll: SendRoll, line: Json, take: Take, marked: Marked
) -> None:
    await send_roll(line)
    other = line | {"forename": "Robin", "mis_id": "2"}
    corrected, newcomer = await send_roll(line | {"upn": SECOND}, other)
    assert (corrected["state"], newcomer["state"]) == ("changed", "created")
    assert (await take({"upn": line["upn"], "code": "I"}))["new"] == 1
    assert await marked() == {newcomer["enrolment_id"]: "I"}


@pytest.mark.parametrize("day", ["2026-09-03", "2026-09-01", "2026-10-05"])
async def test_a_starting_day_is_corrected_with_whatever_comes_with_it(
    client: httpx.AsyncClient,
    office: Headers,
    send_roll: SendRoll,
    line: Json,
    day: str,
    *,
    told: Told,
) -> None:
    [first] = await send_roll(line)
    await told()
    [second] = await send_roll(line | {"starts_on": day, "class_code": "4B"})
    assert (second["state"], second["enrolment_id"]) == ("changed", first["enrolment_id"])
    assert bool(second["warnings"]) is (day > line["starts_on"])
    [event] = await told()
    assert (event["starts_on"], event["class_code"], event["version"]) == (day, "4B", 2)
    read = await client.get(f"/v1/enrolments/{first['enrolment_id']}", headers=office)
    assert (read.json()["starts_on"], read.json()["class_code"]) == (day, "4B")
    assert (await send_roll(line | {"starts_on": day, "class_code": "4B"}))[0]["state"] == (
        "unchanged"
    )


async def test_marks_before_a_later_starting_day_stay_in_the_register(
    send_roll: SendRoll, line: Json, take: Take, marked: Marked, database: Database
) -> None:
    [pupil] = await send_roll(line)
    await take({"mis_id": "1", "code": "I"}, day="2026-09-07")
    await send_roll(line | {"starts_on": "2026-09-14"})
    assert await marked() == {pupil["enrolment_id"]: "I"}
    late = await take({"mis_id": "1", "code": "/"}, day="2026-09-07")
    assert late["status"] == 422
    async with database.transaction() as db:
        kept = await db.execute(
            text("SELECT version, starts_on::text, replaced_by FROM enrolment_revisions")
        )
        assert [tuple(row) for row in kept] == [(1, "2026-09-02", "supplier:example-mis")]


@pytest.mark.parametrize(
    ("change", "other"),
    [
        ({"class_code": "4B"}, {"class_code": "4C"}),
        ({"year_group": "5"}, {"year_group": "3"}),
        ({"ends_on": "2026-12-01"}, {"ends_on": "2026-11-27"}),
    ],
)
async def test_what_the_office_changed_stands_until_the_source_says_something_new(
    client: httpx.AsyncClient,
    office: Headers,
    send_roll: SendRoll,
    line: Json,
    change: Json,
    *,
    other: Json,
) -> None:
    [pupil] = await send_roll(line)
    address = f"/v1/enrolments/{pupil['enrolment_id']}"
    [field] = change
    amended = await client.patch(address, json=change, headers=office | {"If-Match": '"r1"'})
    assert amended.status_code == 200
    [same] = await send_roll(line)
    assert (same["state"], [one["pointer"] for one in same["warnings"]]) == (
        "unchanged",
        [f"#/{field}"],
    )
    assert (await client.get(address, headers=office)).json()[field] == change[field]
    [new] = await send_roll(line | other)
    assert (new["state"], new["warnings"]) == ("changed", [])
    [back] = await send_roll(line)
    assert back["state"] == "changed"
    assert (await client.get(address, headers=office)).json()[field] == line.get(field)


async def test_the_last_day_that_the_office_took_away_stays_away(
    client: httpx.AsyncClient, office: Headers, send_roll: SendRoll, line: Json
) -> None:
    leaving = line | {"ends_on": "2026-11-30", "class_code": "4A"}
    [pupil] = await send_roll(leaving)
    address = f"/v1/enrolments/{pupil['enrolment_id']}"
    await client.patch(address, json={"ends_on": None}, headers=office | {"If-Match": '"r1"'})
    await send_roll(leaving | {"class_code": "4B"})
    read = (await client.get(address, headers=office)).json()
    assert (read["ends_on"], read["class_code"]) == (None, "4B")
