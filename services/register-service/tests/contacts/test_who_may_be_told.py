"""The sender's question before every hand-over: who may be told about this child's day now?"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from attendance_testing.counting import statements

Json = dict[str, Any]
Headers = dict[str, str]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]
Ask = Callable[..., Awaitable[list[Json]]]

FRIDAY = "2026-11-20"
_OF_THE_ANSWER = {"urn", "version", "state"}


@pytest.fixture
async def enrolment(
    client: httpx.AsyncClient,
    school: Json,
    authority: Headers,
    *,
    send_roll: SendRoll,
    line: Json,
    sign: Sign,
) -> str:
    """A child with two contacts, of whom the school does not know where they are."""
    assert school["urn"] == "100001"
    [parent] = line["contacts"]
    aunt = parent | {"key": "2", "name": "Aunt Example", "priority": 2, "relationship": "aunt"}
    [answer] = await send_roll(line | {"contacts": [parent, aunt]})
    year: Json = {"terms": [{"from": "2026-11-02", "to": "2026-11-27"}]}
    await client.put("/v1/schools/100001/calendars/2026", json=year, headers=authority)
    taken = await client.put(
        f"/v1/schools/100001/registers/{FRIDAY}/AM",
        json={"marks": [{"mis_id": line["mis_id"], "code": "N"}]},
        headers=sign("supplier:example-mis", scopes="register.write"),
    )
    taken.raise_for_status()
    return str(answer["enrolment_id"])


@pytest.fixture
def ask(client: httpx.AsyncClient, sign: Sign) -> Ask:
    """Ask about an enrolment's day, for each purpose given."""

    async def asked(enrolment: str, *purposes: str, day: str = FRIDAY) -> list[Json]:
        checks = [
            {"enrolment_id": enrolment, "date": day, "purpose": purpose} for purpose in purposes
        ]
        answer = await client.post(
            "/v1/contacts/eligible",
            json={"checks": checks},
            headers=sign("service:notification", scopes="contacts.eligible"),
        )
        answers: list[Json] = answer.raise_for_status().json()["answers"]
        return answers

    return asked


async def test_an_open_absence_names_everybody_who_may_be_told_once(
    ask: Ask, enrolment: str
) -> None:
    answers = await ask(enrolment, "first-contact", "correction")

    assert [one["purpose"] for one in answers] == ["first-contact", "correction"]
    for answer in answers:
        assert (answer["open"], answer["sessions"]) == (True, ["AM"])
        names = [recipient["name"] for recipient in answer["recipients"]]
        assert names == ["Parent Example", "Aunt Example"]


async def test_on_a_day_without_an_open_absence_only_a_correction_names_anybody(
    ask: Ask, enrolment: str
) -> None:
    first, correction = await ask(enrolment, "first-contact", "correction", day="2026-11-19")

    assert (first["open"], first["sessions"], first["recipients"]) == (False, [], [])
    assert len(correction["recipients"]) == 2


async def test_an_o_after_an_n_explains_nothing_unless_the_office_gave_it_by_name(
    client: httpx.AsyncClient, ask: Ask, enrolment: str, *, line: Json, sign: Sign
) -> None:
    register = f"/v1/schools/100001/registers/{FRIDAY}/AM"
    mis = sign("supplier:example-mis", scopes="register.write")
    by_name = {"amender_name": "A. Officer", "amender_title": "Attendance officer"}

    async def said(code: str, **amendment: str) -> tuple[bool, Json]:
        mark = {"mis_id": line["mis_id"], "code": code, **amendment}
        await client.put(register, json={"marks": [mark]}, headers=mis)
        [answer] = await ask(enrolment, "first-contact")
        return answer["open"], answer["stands"]

    assert await said("O") == (True, {"AM": "unexplained"})
    assert await said("I") == (False, {"AM": "explained"})
    assert await said("N") == (True, {"AM": "unexplained"})
    assert await said("O", **by_name) == (False, {"AM": "settled"})
    assert await said("L") == (False, {"AM": "here"})


async def test_nobody_is_told_of_a_child_who_has_left_or_of_a_session_that_is_not_held(
    client: httpx.AsyncClient,
    ask: Ask,
    authority: Headers,
    *,
    enrolment: str,
    send_roll: SendRoll,
    line: Json,
) -> None:
    await send_roll(line | {"ends_on": "2026-11-19"})
    [left] = await ask(enrolment, "first-contact")
    await send_roll(line | {"ends_on": "2026-11-27"})
    [stays] = await ask(enrolment, "first-contact")
    shut: Json = {
        "terms": [{"from": "2026-11-02", "to": "2026-11-27"}],
        "closures": [{"date": FRIDAY, "session": "AM", "reason": "closure"}],
    }
    await client.put("/v1/schools/100001/calendars/2026", json=shut, headers=authority)
    [closed] = await ask(enrolment, "first-contact")

    assert (left["open"], left["stands"], left["recipients"]) == (False, {"AM": "here"}, [])
    assert (stays["open"], stays["stands"]) == (True, {"AM": "unexplained"})
    assert (closed["open"], closed["stands"], closed["recipients"]) == (False, {"AM": "here"}, [])


async def test_a_correction_is_answered_with_its_hours(
    client: httpx.AsyncClient, ask: Ask, authority: Headers, *, enrolment: str, school: Json
) -> None:
    settings = {name: value for name, value in school.items() if name not in _OF_THE_ANSWER}
    evening = settings | {"quiet_from": "18:30:00"}
    await client.put("/v1/schools/100001", json=evening, headers=authority)

    first, correction = await ask(enrolment, "first-contact", "correction")
    [last] = await ask(enrolment, "correction", day="2026-11-27")
    [alone] = await ask(enrolment, "first-contact", day="2026-11-19")

    assert (correction["quiet_from"], correction["quiet_until"]) == ("18:30:00", "08:00:00")
    assert first["next_school_day"] == correction["next_school_day"] == "2026-11-23"
    assert last["next_school_day"] is None
    assert alone["next_school_day"] is None


async def test_the_next_school_day_may_lie_in_the_next_school_year(
    client: httpx.AsyncClient, ask: Ask, authority: Headers, *, enrolment: str
) -> None:
    year: Json = {"terms": [{"from": "2027-09-02", "to": "2027-12-17"}]}
    await client.put("/v1/schools/100001/calendars/2027", json=year, headers=authority)

    [correction] = await ask(enrolment, "correction", day="2026-11-27")

    assert correction["next_school_day"] == "2027-09-02"


async def test_nobody_but_a_carer_is_named_for_a_looked_after_child(
    client: httpx.AsyncClient, ask: Ask, authority: Headers, enrolment: str, *, line: Json
) -> None:
    care = {"upn": line["upn"], "kind": "LAC", "authority_code": "332", "valid_from": FRIDAY}
    await client.post("/v1/care-statuses", json=[care], headers=authority)

    [answer] = await ask(enrolment, "first-contact")

    assert (answer["open"], answer["recipients"]) == (True, [])


async def test_a_child_without_contacts_is_answered_for(
    ask: Ask, enrolment: str, send_roll: SendRoll, line: Json
) -> None:
    await send_roll(line | {"contacts": []})

    [answer] = await ask(enrolment, "first-contact")

    assert (answer["open"], answer["recipients"]) == (True, [])


async def test_a_child_nobody_knows_has_no_answer(ask: Ask) -> None:
    assert await ask(str(uuid4()), "first-contact") == []


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31"])
async def test_a_day_from_before_anything_is_kept_is_refused(
    client: httpx.AsyncClient, enrolment: str, sign: Sign, day: str
) -> None:
    """In the year 1 no school year had begun: it was a 500."""
    check = {"enrolment_id": enrolment, "date": day, "purpose": "first-contact"}
    answer = await client.post(
        "/v1/contacts/eligible",
        json={"checks": [check]},
        headers=sign("service:notification", scopes="contacts.eligible"),
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/checks/0/date"


async def test_the_question_is_one_statement(ask: Ask, enrolment: str) -> None:
    with statements() as sent:
        await ask(enrolment, "first-contact", "correction")

    assert len(sent) == 1
