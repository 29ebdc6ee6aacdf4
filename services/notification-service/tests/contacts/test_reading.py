"""What the school's staff and its authority may read of what was sent."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from attendance_contracts.events import SchoolChanged
from attendance_runtime.clock import FixedClock
from attendance_testing.answers import next_page, without_trace
from attendance_testing.facts import a_school
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from notification_service.main import SERVICE
from notification_service.sending.use_cases import Desk, send_due
from notification_testing.facts import Pupil, at, hear, hear_of, own_settings
from notification_testing.stand_ins import StandInRegister

ISSUER = TokenIssuer()
DAY = "/v1/schools/100000/contacts?date=2026-09-07"


def reader(organisation: str = "school:100000", scopes: str = "contact.read") -> dict[str, str]:
    return ISSUER.headers(subject="a-person", organisation=organisation, scopes=scopes)


@pytest.fixture
async def client(desk: Desk, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(SERVICE, desk.database, clock, ISSUER, **own_settings(desk)) as client:
        yield client


@pytest.fixture
async def told(desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister) -> Pupil:
    """A pupil whose family was told of the absence and then put right."""
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    register.families[robin.enrolment_id].is_open = False
    await hear(desk, robin.withdrawn(at("08:40")))
    await send_due(desk)
    return robin


async def test_staff_read_what_was_sent_when_and_how(
    client: httpx.AsyncClient, told: Pupil
) -> None:
    answer = await client.get(DAY, headers=reader())

    assert answer.status_code == 200
    (episode,) = answer.json()["episodes"]
    assert episode["enrolment_id"] == str(told.enrolment_id)
    assert episode["standing"] == "corrected"
    assert episode["sessions"] == [
        {"session": "AM", "state": "withdrawn", "recorded_at": "2026-09-07T08:40:00Z"}
    ]
    assert [(one["kind"], one["channel"], one["sent_at"]) for one in episode["messages"]] == [
        ("first", "sms", "2026-09-07T08:20:00Z"),
        ("correction", "sms", "2026-09-07T08:20:00Z"),
    ]


async def test_one_episode_reads_the_same_by_itself(client: httpx.AsyncClient, told: Pupil) -> None:
    (listed,) = (await client.get(DAY, headers=reader())).json()["episodes"]

    answer = await client.get(f"/v1/episodes/{listed['id']}", headers=reader())

    assert answer.json() == listed
    assert str(told.child_id) == listed["child_id"]


async def test_no_address_and_no_contact_is_among_what_is_read(
    client: httpx.AsyncClient, told: Pupil, register: StandInRegister
) -> None:
    shown = (await client.get(DAY, headers=reader())).text
    (contact,) = register.families[told.enrolment_id].contacts

    assert str(contact["contact_id"]) not in shown
    assert "900123" not in shown


async def test_the_schools_authority_reads_too(client: httpx.AsyncClient, told: Pupil) -> None:
    answer = await client.get(DAY, headers=reader("authority:332"))

    assert [one["child_id"] for one in answer.json()["episodes"]] == [str(told.child_id)]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (reader(scopes="register.read"), 403),
        (reader("school:100001"), 404),
        (reader("authority:331"), 404),
        (reader("supplier:demo-mis"), 404),
    ],
)
async def test_nobody_else_reads_anything(
    client: httpx.AsyncClient, told: Pupil, headers: dict[str, str], status: int
) -> None:
    (listed,) = (await client.get(DAY, headers=reader())).json()["episodes"]
    assert listed["enrolment_id"] == str(told.enrolment_id)

    for path in (DAY, f"/v1/episodes/{listed['id']}"):
        answer = await client.get(path, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


async def test_what_is_not_there_looks_like_what_may_not_be_seen(
    client: httpx.AsyncClient, told: Pupil
) -> None:
    (listed,) = (await client.get(DAY, headers=reader())).json()["episodes"]
    assert listed["enrolment_id"] == str(told.enrolment_id)
    stranger = reader("school:100001")

    absent = await client.get(f"/v1/episodes/{uuid4()}", headers=stranger)
    forbidden = await client.get(f"/v1/episodes/{listed['id']}", headers=stranger)
    no_school = await client.get(DAY.replace("100000", "100999"), headers=stranger)

    assert without_trace(absent) == without_trace(forbidden) == without_trace(no_school)


async def test_a_long_day_is_read_page_by_page(
    desk: Desk, client: httpx.AsyncClient, school: SchoolChanged
) -> None:
    pupils = [Pupil(school.school_id) for _ in range(5)]
    await hear(desk, *(pupil.absent() for pupil in pupils))

    seen: list[str] = []
    path: str | None = f"{DAY}&limit=2"
    while path:
        answer = await client.get(path, headers=reader())
        seen += [episode["enrolment_id"] for episode in answer.json()["episodes"]]
        path = next_page(answer)

    assert sorted(seen) == sorted(str(pupil.enrolment_id) for pupil in pupils)


async def test_a_page_that_is_full_leads_on_only_if_there_is_more(
    desk: Desk, client: httpx.AsyncClient, school: SchoolChanged
) -> None:
    await hear(desk, *(Pupil(school.school_id).absent() for _ in range(4)))

    first = await client.get(f"{DAY}&limit=2", headers=reader())
    last = await client.get(next_page(first) or "", headers=reader())

    assert [len(page.json()["episodes"]) for page in (first, last)] == [2, 2]
    assert (last.json()["next"], next_page(last)) == (None, None)


@pytest.mark.parametrize("after", ["nonsense", "WyJub3QgYSB1dWlkIl0"])
async def test_a_cursor_never_given_out_is_pointed_at(
    client: httpx.AsyncClient, told: Pupil, after: str
) -> None:
    answer = await client.get(f"{DAY}&after={after}", headers=reader())

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "query:after"
    assert str(told.child_id) not in answer.text


async def test_every_reading_of_a_child_is_logged(
    desk: Desk, client: httpx.AsyncClient, told: Pupil
) -> None:
    await client.get(DAY, headers=reader())

    async with desk.database.transaction() as db:
        logged = await db.execute(text("SELECT subject, action, child_ids FROM access_log"))
        assert logged.all() == [("a-person", "contact.read", [told.child_id])]


async def test_a_school_that_changes_authority_is_read_by_the_new_one_alone(
    desk: Desk, client: httpx.AsyncClient, told: Pupil
) -> None:
    await hear_of(desk, a_school(school_id=told.school_id, authority_code="331", version=2))

    assert (await client.get(DAY, headers=reader("authority:332"))).status_code == 404
    assert (await client.get(DAY, headers=reader("authority:331"))).status_code == 200
