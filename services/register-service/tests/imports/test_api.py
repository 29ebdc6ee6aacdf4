import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from attendance_contracts.identifiers import make_upn
from attendance_runtime.database import Database
from attendance_testing.counting import statements

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]

pytestmark = pytest.mark.usefixtures("school")

ROLL = "/v1/schools/100001/roll"
SECOND = make_upn(332, 2000, 21, 2)


async def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.transaction() as db:
        return [tuple(row) for row in await db.execute(text(query))]


async def test_a_child_is_entered_once_and_told_once(
    send_roll: SendRoll, line: Json, told: Told
) -> None:
    await told()
    [first] = await send_roll(line)
    [again] = await send_roll(line)
    assert (first["state"], again["state"]) == ("created", "unchanged")
    assert first["enrolment_id"] == again["enrolment_id"]
    [event] = await told()
    assert event["type"] == "enrolment.changed.v1"
    assert event["enrolment_id"] == first["enrolment_id"]
    assert "Avery" not in str(event)


async def test_lines_come_back_as_lines(
    client: httpx.AsyncClient, supplier: Headers, line: Json
) -> None:
    body = json.dumps(line) + "\n\n" + json.dumps(line | {"upn": 1}) + "\n"
    answer = await client.post(
        ROLL, content=body, headers=supplier | {"content-type": "application/x-ndjson"}
    )
    assert answer.headers["content-type"] == "application/x-ndjson"
    first, second = map(json.loads, answer.text.splitlines())
    assert (first["line"], first["state"]) == (1, "created")
    assert (second["line"], second["state"]) == (3, "refused")
    assert second["errors"] == [{"detail": "Expected str, got int", "pointer": "#/upn"}]


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b"{", "#"),
        (b"[]", "#"),
        (b'{"upn": "\xff"}', "#"),
        (rb'{"upn": "a\u0000"}', "#"),
        (rb'{"upn": "\ud800"}', "#"),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "#"),
        (
            b'{"upn": "A", "forename": "B", "surname": "C", "date_of_birth": "soon"}',
            "#/date_of_birth",
        ),
        (b'{"status": "guest"}', "#/status"),
        (b'{"contacts": [{"key": "1", "priority": "first"}]}', "#/contacts/0/priority"),
    ],
)
async def test_a_line_that_cannot_be_read_is_pointed_at(
    client: httpx.AsyncClient, supplier: Headers, raw: bytes, pointer: str
) -> None:
    answer = await client.post(
        ROLL, content=raw, headers=supplier | {"content-type": "application/x-ndjson"}
    )
    [refused] = [json.loads(one) for one in answer.text.splitlines()]
    assert refused["state"] == "refused"
    assert [fault["pointer"] for fault in refused["errors"]] == [pointer]
    assert "guest" not in answer.text


async def test_good_lines_are_kept_beside_bad_ones(
    send_roll: SendRoll, line: Json, told: Told, database: Database
) -> None:
    await told()
    answers = await send_roll(line, line | {"upn": "wrong"}, line | {"upn": SECOND, "mis_id": "2"})
    assert [one["state"] for one in answers] == ["created", "refused", "created"]
    assert len(await told()) == 2
    assert await rows(database, "SELECT count(*) FROM enrolments") == [(2,)]


async def test_registers_may_call_a_child_by_upn_mis_id_or_our_id(
    send_roll: SendRoll, line: Json, database: Database
) -> None:
    [answer] = await send_roll(line)
    keys = await rows(database, "SELECT scheme, value FROM enrolment_keys ORDER BY scheme")
    assert keys == [
        ("ENROLMENT_ID", answer["enrolment_id"]),
        ("MIS_ID", "1"),
        ("UPN", line["upn"]),
    ]


async def test_a_changed_mis_id_takes_the_place_of_the_old_one(
    send_roll: SendRoll, line: Json, database: Database
) -> None:
    await send_roll(line)
    [answer] = await send_roll(line | {"mis_id": "77"})
    assert answer["state"] == "changed"
    keys = await rows(database, "SELECT value FROM enrolment_keys WHERE scheme = 'MIS_ID'")
    assert keys == [("77",)]


async def test_a_upn_is_kept_with_its_source_and_first_day(
    send_roll: SendRoll, line: Json, database: Database
) -> None:
    await send_roll(line)
    kept = await rows(database, "SELECT upn, first_sent_by, first_sent_on::text FROM upns")
    assert kept == [(line["upn"], "supplier:example-mis", "2026-11-20")]


async def test_contacts_are_replaced_when_given_and_left_alone_when_not(
    send_roll: SendRoll, line: Json, database: Database
) -> None:
    await send_roll(line)
    [(first_id, mobile)] = await rows(database, "SELECT id, mobile FROM contacts")
    assert mobile == "07700 900123"
    barred = line["contacts"][0] | {"court_order": True}
    second = barred | {"key": "2", "court_order": False}
    await send_roll(line | {"contacts": [barred, second]})
    kept = await rows(database, "SELECT id, source_key, court_order FROM contacts ORDER BY 2")
    assert (kept[0], kept[1][1:]) == ((first_id, "1", True), ("2", False))
    [untouched] = await send_roll({key: line[key] for key in line if key != "contacts"})
    assert untouched["state"] == "unchanged"
    [emptied] = await send_roll(line | {"contacts": []})
    assert emptied["state"] == "changed"
    assert await rows(database, "SELECT * FROM contacts") == []


async def test_a_change_of_name_or_contacts_is_not_told_and_a_change_of_class_is(
    send_roll: SendRoll, line: Json, told: Told
) -> None:
    await send_roll(line)
    await told()
    await send_roll(line | {"surname": "Sample", "contacts": []})
    assert await told() == []
    await send_roll(line | {"surname": "Sample", "contacts": [], "class_code": "4B"})
    [event] = await told()
    assert (event["class_code"], event["version"]) == ("4B", 2)


async def test_a_child_at_two_schools_is_one_child_with_two_enrolments(
    client: httpx.AsyncClient,
    authority: Headers,
    school_body: Json,
    send_roll: SendRoll,
    line: Json,
) -> None:
    await client.put("/v1/schools/100002", json=school_body, headers=authority)
    [main] = await send_roll(line)
    [guest] = await send_roll(line | {"status": "subsidiary", "mis_id": "9"}, urn="100002")
    assert main["child_id"] == guest["child_id"]
    assert main["enrolment_id"] != guest["enrolment_id"]


async def test_a_change_of_identity_keeps_what_was_said_before_who_changed_it_and_why(
    send_roll: SendRoll, line: Json, database: Database
) -> None:
    await send_roll(line | {"confidential_address": True})
    await send_roll(line | {"surname": "Sample", "sex": "F"})
    reason = {"confidential_address": False, "confidential_address_reason": "The order has ended"}
    await send_roll(line | {"surname": "Sample"} | reason)
    kept = await rows(
        database,
        """
        SELECT revision, surname, sex, confidential_by, replaced_by, replaced_by_subject, reason
        FROM identity_revisions ORDER BY revision
        """,
    )
    mis = "supplier:example-mis"
    assert kept == [
        (1, "Example", None, mis, mis, "somebody", None),
        (2, "Sample", "F", mis, mis, "somebody", "The order has ended"),
    ]
    [now] = await rows(database, "SELECT surname, sex, confidential_by, revision FROM identities")
    assert now == ("Sample", "F", None, 3)


async def test_the_answer_is_the_same_whoever_else_knows_the_upn(
    client: httpx.AsyncClient,
    authority: Headers,
    school_body: Json,
    send_roll: SendRoll,
    line: Json,
) -> None:
    """Unknown, linked or standing alone: the same words, ids of one form, the same statements."""
    for urn in ("100002", "100003", "100004"):
        await client.put(f"/v1/schools/{urn}", json=school_body, headers=authority)
    await send_roll(line)
    guest = {key: line[key] for key in line if key != "mis_id"}
    told, ran = [], []
    for urn, other in (
        ("100002", {}),
        ("100003", {"date_of_birth": "2016-05-04"}),
        ("100004", {"upn": SECOND}),
    ):
        with statements() as sent:
            [answer] = await send_roll(guest | other, urn=urn)
        told.append({name: _form(value) for name, value in answer.items()})
        ran.append(list(sent))
    assert told[0] == told[1] == told[2]
    assert told[0]["child_id"] == "uuid4"
    assert ran[0] == ran[1] == ran[2]


def _form(value: object) -> object:
    """What an answer tells, of an id only its form: a version 7 would tell its age."""
    try:
        return f"uuid{UUID(str(value)).version}"
    except ValueError:
        return value


async def test_a_school_that_guesses_is_told_to_stop_and_somebody_hears_of_it(
    send_roll: SendRoll, line: Json
) -> None:
    def counted(kind: str) -> float:
        name = "firstday_identity_guesses_refused_total"
        return REGISTRY.get_sample_value(name, {"kind": kind}) or 0.0

    before = counted("day"), counted("request")
    for day in range(1, 8):
        [answer] = await send_roll(line | {"date_of_birth": f"2017-05-0{day}"})
    assert answer["state"] == "refused"
    assert [fault["pointer"] for fault in answer["errors"]] == ["#/date_of_birth"]
    lines = [
        line | {"date_of_birth": f"2017-06-0{day}", "starts_on": f"2026-10-0{day}"}
        for day in range(1, 4)
    ]
    assert {answer["state"] for answer in await send_roll(*lines)} == {"refused"}
    # 2017-05-04 was what the school had said first, and five others.
    assert (counted("day") - before[0], counted("request") - before[1]) == (1, 3)


async def test_ids_are_no_key_to_an_alphabetical_list(send_roll: SendRoll, line: Json) -> None:
    lines = [
        line | {"upn": make_upn(332, 2000, 20, number), "mis_id": str(number)}
        for number in range(1, 41)
    ]
    ids = [answer["enrolment_id"] for answer in await send_roll(*lines)]
    # Forty ids in order by chance: 1 in 40 factorial.
    assert ids != sorted(ids)


async def test_more_lines_than_ten_thousand_are_too_many(
    client: httpx.AsyncClient, supplier: Headers
) -> None:
    answer = await client.post(
        ROLL, content=b"{}\n" * 10_001, headers=supplier | {"content-type": "application/x-ndjson"}
    )
    assert answer.status_code == 413


async def test_an_empty_roll_changes_nothing(send_roll: SendRoll, told: Told) -> None:
    await told()
    assert await send_roll() == []
    assert await told() == []


async def test_nobody_but_the_school_and_its_supplier_sends_the_roll(
    client: httpx.AsyncClient, sign: Sign, line: Json
) -> None:
    for organisation, expected in (
        ("school:100001", 200),
        ("school:100002", 404),
        ("supplier:another-mis", 404),
        ("authority:332", 404),
    ):
        answer = await client.post(ROLL, json=[line], headers=sign(organisation))
        assert (organisation, answer.status_code) == (organisation, expected)
    read_only = sign("school:100001", scopes="roll.read")
    assert (await client.post(ROLL, json=[line], headers=read_only)).status_code == 403
