"""Absence in an authority's area over HTTP, on real PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from attendance_contracts.calendar import Session
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.letters import park
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from reporting_service.main import SERVICE
from reporting_testing.facts import ASchool, tell

MONDAY = date(2026, 9, 7)
AREA = "839"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock("2026-09-18T15:00:00Z")


@pytest.fixture
async def client(
    database: Database, issuer: TokenIssuer, clock: FixedClock
) -> AsyncIterator[httpx.AsyncClient]:
    settings = {"register_url": "http://127.0.0.1:1"}
    async with client_for(SERVICE, database, clock, issuer, **settings) as client:
        yield client


async def ten_days(
    database: Database, school: ASchool, clock: FixedClock, *absent_sessions: int
) -> None:
    """Twenty sessions of a school with so many pupils, each absent in the first of them."""
    pupils = [school.enrols() for _ in absent_sessions]
    days = [MONDAY + timedelta(days=n) for n in (*range(5), *range(7, 12))]
    sessions = [(day, half) for day in days for half in Session]
    async with database.transaction() as db:
        await tell(db, *school.opens(2026), *pupils, now=clock.now())
        for number, (day, half) in enumerate(sessions):
            marks = {
                pupil.enrolment_id: "O" if number < absent else "/"
                for pupil, absent in zip(pupils, absent_sessions, strict=True)
            }
            if marks:
                await tell(db, school.takes(day, half, marks), now=clock.now())


async def ask(
    client: httpx.AsyncClient,
    issuer: TokenIssuer,
    authority: str = AREA,
    organisation: str = f"authority:{AREA}",
    scopes: str = "absence.read",
) -> httpx.Response:
    headers = issuer.headers(subject="officer", organisation=organisation, scopes=scopes)
    return await client.get(f"/v1/authorities/{authority}/absence", headers=headers)


def shares(absence: Any) -> tuple[int, int, int]:
    return (absence["enrolments"], absence["persistently_absent"], absence["severely_absent"])


async def test_an_authority_sees_its_schools_most_persistent_absence_first(
    database: Database, client: httpx.AsyncClient, issuer: TokenIssuer, clock: FixedClock
) -> None:
    calm, busy, new = (ASchool(authority_code=AREA) for _ in range(3))
    await ten_days(database, calm, clock, 0, 1, 1, 2)  # of twenty, two are ten per cent
    await ten_days(database, busy, clock, 2, 10, 0)
    await ten_days(database, new, clock)
    await ten_days(database, ASchool(authority_code="801"), clock, 20, 20)

    seen = (await ask(client, issuer)).raise_for_status().json()

    assert seen["authority_code"] == AREA
    assert seen["school_year"] == "2026/27"
    schools = seen["schools"]
    assert [one["urn"] for one in schools] == [busy.urn, calm.urn, new.urn]
    assert [shares(one["absence"]) for one in schools] == [(3, 2, 1), (4, 1, 0), (0, 0, 0)]
    assert [one["absence"]["persistently_absent_percent"] for one in schools] == [66.7, 25.0, None]
    assert [one["absence"]["severely_absent_percent"] for one in schools] == [33.3, 0.0, None]
    assert [one["absence"]["attendance_percent"] for one in schools] == [80.0, 95.0, None]
    assert schools[1]["figures_as_of"] == "2026-09-18T12:15:00Z"
    assert schools[2]["figures_as_of"] is None
    assert shares(seen["total"]) == (7, 3, 1)
    assert seen["total"]["possible_sessions"] == 7 * 20
    assert seen["total"]["unauthorised_sessions"] == 4 + 12
    assert seen["total"]["persistently_absent_percent"] == 42.9  # three of seven, no mean of means
    assert seen["total"]["attendance_percent"] == 88.6


async def test_an_authority_without_schools_sees_none(
    client: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    seen = (await ask(client, issuer, "802", "authority:802")).raise_for_status().json()

    assert seen["schools"] == []
    assert shares(seen["total"]) == (0, 0, 0)


async def test_a_school_that_moves_to_another_area_is_seen_there_alone(
    database: Database, client: httpx.AsyncClient, issuer: TokenIssuer, clock: FixedClock
) -> None:
    school = ASchool(authority_code="803")
    await ten_days(database, school, clock, 20)
    school.authority_code = "804"
    async with database.transaction() as db:
        await tell(db, school.changed(), now=clock.now())

    before = (await ask(client, issuer, "803", "authority:803")).json()
    after = (await ask(client, issuer, "804", "authority:804")).json()

    assert before["schools"] == []
    assert [one["urn"] for one in after["schools"]] == [school.urn]
    assert shares(after["total"]) == (1, 1, 1)


async def test_a_school_says_when_something_of_it_could_not_be_applied(
    database: Database, client: httpx.AsyncClient, issuer: TokenIssuer, clock: FixedClock
) -> None:
    whole, lacking = (ASchool(authority_code="805") for _ in range(2))
    for school in (whole, lacking):
        await ten_days(database, school, clock, 1)
    await park(database, SERVICE, lacking.takes(MONDAY, Session.AM, {}))

    seen = (await ask(client, issuer, "805", "authority:805")).raise_for_status().json()

    assert {one["urn"]: one["incomplete"] for one in seen["schools"]} == {
        whole.urn: False,
        lacking.urn: True,
    }


@pytest.mark.parametrize(
    ("organisation", "scopes", "status"),
    [
        ("authority:840", "absence.read", 404),
        ("school:100001", "absence.read", 404),
        ("social-care:839", "absence.read", 404),
        ("authority:839", "register.read", 403),
    ],
)
async def test_an_areas_absence_is_for_its_authority_alone(
    client: httpx.AsyncClient, issuer: TokenIssuer, organisation: str, scopes: str, status: int
) -> None:
    answer = await ask(client, issuer, organisation=organisation, scopes=scopes)
    assert answer.status_code == status
