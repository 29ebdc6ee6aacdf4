"""Whom the office is to ring where no correction could go, and its word that somebody did."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from attendance_testing.answers import next_page
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from notification_service.main import SERVICE
from notification_service.sending.use_cases import Desk, send_due
from notification_testing.facts import Pupil, at, hear, own_settings, receive, states
from notification_testing.stand_ins import StandInRegister

ISSUER = TokenIssuer()
WEDNESDAY = date(2026, 9, 9)
TOO_LATE = at("08:00", WEDNESDAY)
CALLS = "/v1/schools/100000/calls"
TOLD = {"outcome": "told"}
TooLate = Callable[..., Awaitable[Pupil]]


def person(
    organisation: str = "school:100000", scopes: str = "contact.read contact.write"
) -> dict[str, str]:
    return ISSUER.headers(subject="office-1", organisation=organisation, scopes=scopes)


@pytest.fixture
async def client(desk: Desk, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(SERVICE, desk.database, clock, ISSUER, **own_settings(desk)) as client:
        yield client


@pytest.fixture
async def told(desk: Desk, clock: FixedClock, robin: Pupil) -> Pupil:
    """A pupil whose family was told on Monday that they are missing."""
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    return robin


@pytest.fixture
async def too_late(desk: Desk, clock: FixedClock, told: Pupil, register: StandInRegister) -> Pupil:
    """The same pupil on Wednesday, on which it turned out that they were in school."""
    register.families[told.enrolment_id].is_open = False
    clock.set(TOO_LATE)
    await hear(desk, told.withdrawn(TOO_LATE))
    await send_due(desk)
    return told


async def owed(client: httpx.AsyncClient) -> list[Any]:
    answer = await client.get(CALLS, headers=person())
    assert answer.status_code == 200, answer.text
    calls: list[Any] = answer.json()["calls"]
    return calls


async def say(
    client: httpx.AsyncClient,
    call: Any,
    *,
    outcome: str = "told",
    version: int | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    return await client.post(
        f"/v1/episodes/{call['episode_id']}/call",
        json={"outcome": outcome},
        headers=(headers or person()) | {"If-Match": f'"r{version or call["version"]}"'},
    )


async def test_a_correction_that_came_too_late_is_a_call_to_whom_was_told(
    client: httpx.AsyncClient, too_late: Pupil, register: StandInRegister
) -> None:
    [call] = await owed(client)

    [contact] = register.families[too_late.enrolment_id].contacts
    assert call["enrolment_id"] == str(too_late.enrolment_id)
    assert call["child_id"] == str(too_late.child_id)
    assert call["contact_id"] == contact["contact_id"]
    assert (call["date"], call["reason"]) == ("2026-09-07", "too-late")
    assert call["owed_since"] == "2026-09-09T08:00:00Z"


async def test_one_who_may_be_told_no_more_is_left_to_the_office(
    desk: Desk, client: httpx.AsyncClient, told: Pupil, register: StandInRegister
) -> None:
    family = register.families[told.enrolment_id]
    family.is_open, family.contacts = False, []
    await hear(desk, told.withdrawn(at("08:40")))
    await send_due(desk)

    assert [call["reason"] for call in await owed(client)] == ["no-longer-allowed"]


async def test_a_correction_that_did_not_arrive_is_a_call(
    desk: Desk, client: httpx.AsyncClient, told: Pupil, register: StandInRegister
) -> None:
    await receive(desk, "delivered")
    register.families[told.enrolment_id].is_open = False
    await hear(desk, told.withdrawn(at("08:40")))
    await send_due(desk)
    await receive(desk, "permanent-failure")

    assert await states(desk, told) == ["first delivered", "correction failed"]
    assert [call["reason"] for call in await owed(client)] == ["permanent-failure"]


async def test_a_first_message_that_proves_not_to_have_arrived_leaves_nobody_to_ring(
    desk: Desk, client: httpx.AsyncClient, too_late: Pupil
) -> None:
    await receive(desk, "permanent-failure")

    assert await states(desk, too_late) == ["first failed", "correction failed"]
    assert await owed(client) == []


async def test_nobody_is_to_be_rung_while_a_correction_may_still_go_or_none_is_owed(
    desk: Desk, client: httpx.AsyncClient, told: Pupil, register: StandInRegister
) -> None:
    assert await owed(client) == []

    register.families[told.enrolment_id].is_open = False
    await hear(desk, told.withdrawn(at("08:40")))
    assert await owed(client) == []

    await send_due(desk)
    assert await owed(client) == []


async def test_a_reason_that_comes_after_all_leaves_nobody_to_ring(
    desk: Desk, client: httpx.AsyncClient, too_late: Pupil
) -> None:
    [call] = await owed(client)

    await hear(desk, too_late.explained(at("09:00", WEDNESDAY)))

    assert await owed(client) == []
    answer = await say(client, call)
    assert answer.status_code == 412
    answer = await say(client, call, version=call["version"] + 1)
    assert (answer.status_code, answer.json()["status"]) == (409, 409)


async def test_who_rang_is_kept_once_and_the_call_is_owed_no_more(
    desk: Desk, client: httpx.AsyncClient, clock: FixedClock, too_late: Pupil
) -> None:
    [call] = await owed(client)
    clock.set(at("08:40", WEDNESDAY))

    first = await say(client, call)
    clock.set(at("09:40", WEDNESDAY))
    again = await say(client, call, headers=person() | {"x-person": "another"})

    assert first.status_code == 200, first.text
    assert first.json()["call"] == {
        "outcome": "told",
        "made_at": "2026-09-09T08:40:00Z",
        "made_by": "office-1",
    }
    assert first.headers["etag"] == f'"r{call["version"] + 1}"'
    assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])
    assert await owed(client) == []
    read = await client.get(f"/v1/episodes/{call['episode_id']}", headers=person())
    assert (read.json(), read.headers["etag"]) == (first.json(), first.headers["etag"])
    async with desk.database.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM calls")) == 1


async def test_another_word_on_a_call_that_was_made_is_refused(
    client: httpx.AsyncClient, too_late: Pupil
) -> None:
    [call] = await owed(client)
    said = await say(client, call, outcome="not-needed")

    answer = await say(client, call, version=said.json()["version"])

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_call_names_the_version_that_was_read_and_one_of_two_outcomes(
    client: httpx.AsyncClient, too_late: Pupil
) -> None:
    [call] = await owed(client)
    path = f"/v1/episodes/{call['episode_id']}/call"

    assert (await client.post(path, json=TOLD, headers=person())).status_code == 428
    assert (await say(client, call, version=99)).status_code == 412
    answer = await say(client, call, outcome="rang")
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/outcome"]
    assert await owed(client) == [call]


async def test_a_call_that_nobody_owes_is_refused(client: httpx.AsyncClient, told: Pupil) -> None:
    day = await client.get("/v1/schools/100000/contacts?date=2026-09-07", headers=person())
    [episode] = day.json()["episodes"]

    answer = await say(client, {"episode_id": episode["id"], "version": episode["version"]})

    assert answer.status_code == 409
    assert told.enrolment_id.hex not in answer.text


@pytest.mark.parametrize(
    ("headers", "reads", "says"),
    [
        (person(), 200, 200),
        (person("authority:332"), 200, 404),
        (person(scopes="contact.read"), 200, 403),
        (person(scopes="contact.write"), 403, 200),
        (person("school:100001"), 404, 404),
        (person("authority:331"), 404, 404),
        (person("supplier:demo-mis"), 404, 404),
        ({}, 401, 401),
    ],
    ids=["office", "area", "reader", "writer", "school", "authority", "supplier", "nobody"],
)
async def test_the_office_says_what_its_authority_may_read(
    client: httpx.AsyncClient, too_late: Pupil, headers: dict[str, str], reads: int, says: int
) -> None:
    [call] = await owed(client)

    assert (await client.get(CALLS, headers=headers)).status_code == reads
    path = f"/v1/episodes/{call['episode_id']}/call"
    answer = await client.post(
        path, json=TOLD, headers=headers | {"If-Match": f'"r{call["version"]}"'}
    )
    assert answer.status_code == says


async def test_calls_are_read_page_by_page_and_each_reading_is_logged(
    desk: Desk,
    client: httpx.AsyncClient,
    clock: FixedClock,
    robin: Pupil,
    *,
    register: StandInRegister,
) -> None:
    pupils = [robin, *(Pupil(robin.school_id) for _ in range(4))]
    for pupil in pupils:
        register.knows(pupil)
    await hear(desk, *(pupil.absent() for pupil in pupils))
    clock.set(at("08:20"))
    await send_due(desk)
    for pupil in pupils:
        register.families[pupil.enrolment_id].is_open = False
    clock.set(TOO_LATE)
    await hear(desk, *(pupil.withdrawn(TOO_LATE) for pupil in pupils))
    await send_due(desk)

    seen: list[str] = []
    sizes: list[int] = []
    path: str | None = f"{CALLS}?limit=1"
    while path:
        answer = await client.get(path, headers=person())
        seen += [call["child_id"] for call in answer.json()["calls"]]
        sizes.append(len(answer.json()["calls"]))
        path = next_page(answer)

    assert sizes == [1] * 5  # the last page leads no further
    assert sorted(seen) == sorted(str(pupil.child_id) for pupil in pupils)
    async with desk.database.transaction() as db:
        logged = await db.scalars(text("SELECT unnest(child_ids) FROM access_log"))
    assert sorted(map(str, logged)) == sorted(seen)
