"""Numbers as schools send them: kept so and in E.164, and texted where a text can go."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from attendance_runtime.database import Database
from attendance_testing.databases import created_database, migrate_by_alembic

Json = dict[str, Any]
Headers = dict[str, str]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]
Told = Callable[[], Awaitable[list[Json]]]

FRIDAY = "2026-11-20"


@pytest.fixture
def ask(client: httpx.AsyncClient, sign: Sign, school: Json) -> Callable[..., Awaitable[Any]]:
    """Ask where the people are told who may be told of an enrolment's absence, in their order."""
    assert school["urn"] == "100001"

    async def asked(enrolment: str) -> list[tuple[str | None, str | None]]:
        check = {"enrolment_id": enrolment, "date": FRIDAY, "purpose": "correction"}
        answer = await client.post(
            "/v1/contacts/eligible",
            json={"checks": [check]},
            headers=sign("service:notification", scopes="contacts.eligible"),
        )
        [found] = answer.raise_for_status().json()["answers"]
        return [(person["mobile"], person["email"]) for person in found["recipients"]]

    return asked


@pytest.mark.parametrize(
    "sent",
    ["07700 900123", "+44 (0)7700 900123", "07700\N{NO-BREAK SPACE}900123", "Mum 07700.900123"],
)
async def test_a_mobile_is_texted_in_one_form_however_it_was_sent(
    database: Database, send_roll: SendRoll, ask: Any, line: Json, sent: str
) -> None:
    roll = line | {"contacts": [line["contacts"][0] | {"mobile": sent}]}

    [created] = await send_roll(roll)
    [again] = await send_roll(roll)

    assert (created["state"], created["warnings"], again["state"]) == ("created", [], "unchanged")
    assert await ask(created["enrolment_id"]) == [("+447700900123", None)]
    async with database.transaction() as db:
        kept = await db.execute(text("SELECT mobile, mobile_e164 FROM contacts"))
        assert kept.one() == (sent, "+447700900123")


@pytest.mark.parametrize(
    ("sent", "e164"),
    [
        ("01632 960001", "+441632960001"),
        ("0909 8790000", "+449098790000"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("07700 90012", None),
        ("ask at reception", None),
    ],
    ids=["landline", "premium", "abroad", "too short", "unreadable"],
)
async def test_a_number_that_cannot_be_texted_passes_the_turn_on_and_refuses_nobody(
    database: Database,
    send_roll: SendRoll,
    *,
    ask: Any,
    line: Json,
    sent: str,
    e164: str | None,
) -> None:
    [mother] = line["contacts"]
    father = mother | {"key": "2", "priority": 2, "mobile": "07700 900124"}
    mother = mother | {"mobile": sent}

    [created] = await send_roll(line | {"contacts": [mother, father]})

    assert created["state"] == "created"
    assert [warning["pointer"] for warning in created["warnings"]] == ["#/contacts/0/mobile"]
    assert await ask(created["enrolment_id"]) == [("+447700900124", None)]
    [changed] = await send_roll(line | {"contacts": [mother | {"email": "mother@example.org"}]})
    assert await ask(changed["enrolment_id"]) == [(None, "mother@example.org")]
    async with database.transaction() as db:
        kept = await db.execute(text("SELECT mobile, mobile_e164 FROM contacts"))
        assert kept.one() == (sent, e164)


@pytest.mark.parametrize(
    "words",
    [
        {"relationship": "Foster Mother"},
        {"relationship": "Foster carer "},
        {"relationship": "Residential care worker"},
        {"relationship": "Nan", "is_carer": True},
    ],
)
async def test_a_looked_after_childs_carer_is_told_whatever_the_word(
    client: httpx.AsyncClient,
    send_roll: SendRoll,
    ask: Any,
    authority: Headers,
    *,
    line: Json,
    words: Json,
) -> None:
    [mother] = line["contacts"]
    carer = mother | words | {"key": "2", "priority": 2, "mobile": "07700 900124"}
    [created] = await send_roll(line | {"contacts": [mother, carer]})
    care = {"upn": line["upn"], "kind": "LAC", "authority_code": "332", "valid_from": FRIDAY}
    await client.post("/v1/care-statuses", json=[care], headers=authority)

    assert await ask(created["enrolment_id"]) == [("+447700900124", None)]


async def test_that_somebody_may_be_reached_who_could_not_be_is_told_without_saying_how(
    send_roll: SendRoll, line: Json, told: Told, school: Json
) -> None:
    assert school["urn"] == "100001"
    [parent] = line["contacts"]
    [created] = await send_roll(line | {"contacts": [parent | {"mobile": "01632 960001"}]})
    await told()

    await send_roll(line | {"contacts": [parent | {"mobile": "01632 960002"}]})
    assert await told() == []
    await send_roll(line)
    [event] = await told()
    await send_roll(line | {"contacts": [parent | {"mobile": "+44 7700 900123"}]})
    assert await told() == []

    assert event["type"] == "contacts.changed.v1"
    assert event["enrolments"] == [created["enrolment_id"]]
    assert set(event) == {"type", "school_id", "recorded_at", "enrolments"}


async def test_numbers_kept_before_are_read_by_the_migration(postgres_url: str) -> None:
    folder = Path(__file__).parents[2]
    async with created_database(postgres_url, "test_numbers_of_before") as url:
        migrate_by_alembic(folder, url, upto="0008_care_claims")
        database = Database(url)
        async with database.transaction() as db:
            await db.execute(text(_OLD_CONTACTS), {"enrolment": uuid4()})
        migrate_by_alembic(folder, url)
        async with database.transaction() as db:
            kept = await db.execute(text("SELECT mobile, mobile_e164 FROM contacts"))
            read = {row.mobile: row.mobile_e164 for row in kept}
        await database.dispose()
    assert read == {
        "07700900123": "+447700900123",
        "+447700900124": "+447700900124",
        "01632960001": "+441632960001",
        "07700": None,
        None: None,
    }


_OLD_CONTACTS = """
    WITH unbound AS (SELECT set_config('session_replication_role', 'replica', true))
    INSERT INTO contacts (id, enrolment_id, source_key, name, relationship, mobile, priority,
                          parental_responsibility, court_order, language)
    SELECT uuidv7(), :enrolment, number, 'Parent Example', 'parent', mobile, 1, true, false, 'en'
    FROM unbound, unnest(ARRAY['07700900123', '+447700900124', '01632960001', '07700', NULL])
         WITH ORDINALITY AS kept (mobile, number)
"""
