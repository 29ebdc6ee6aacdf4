"""A school's day over HTTP, on real PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from attendance_contracts.calendar import Session
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from reporting_service.main import SERVICE
from reporting_testing.facts import ASchool, tell

MONDAY = date(2026, 9, 7)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock("2026-09-07T08:10:00Z")  # 09:10 in London; the register closes at 09:20


@pytest.fixture
async def client(
    database: Database, issuer: TokenIssuer, clock: FixedClock
) -> AsyncIterator[httpx.AsyncClient]:
    settings = {"register_url": "http://127.0.0.1:1"}
    async with client_for(SERVICE, database, clock, issuer, **settings) as client:
        yield client


async def a_morning(database: Database, school: ASchool, clock: FixedClock) -> None:
    """Class 5A has its register in, with one child unmarked; 5B has sent nothing."""
    first = [school.enrols(class_code="5A") for _ in range(5)]
    second = [school.enrols(class_code="5B") for _ in range(2)]
    gone = school.enrols(class_code="5A", ends_on=date(2026, 7, 17))
    codes = ["/", "L", "N", "I"]
    marks = {child.enrolment_id: code for child, code in zip(first, codes, strict=False)}
    async with database.transaction() as db:
        await tell(
            db,
            school.changed(),
            school.meets(MONDAY, halves=(Session.AM,)),
            *first,
            *second,
            gone,
            school.takes(MONDAY, Session.AM, marks),
            now=clock.now(),
        )


async def read(client: httpx.AsyncClient, school: ASchool, issuer: TokenIssuer) -> Any:
    headers = issuer.headers(
        subject="office", organisation=f"school:{school.urn}", scopes="register.read"
    )
    answer = await client.get(f"/v1/schools/{school.urn}/today", headers=headers)
    assert answer.status_code == 200
    return answer.json()


def states(seen: Any) -> dict[str, list[str]]:
    return {
        one["class_code"]: [half["register_state"] for half in one["sessions"]]
        for one in seen["classes"]
    }


async def test_a_school_sees_how_each_class_stands(
    database: Database,
    client: httpx.AsyncClient,
    issuer: TokenIssuer,
    school: ASchool,
    clock: FixedClock,
) -> None:
    await a_morning(database, school, clock)

    seen = await read(client, school, issuer)

    assert seen["classes"][0]["sessions"][0]["counts"] == {
        "expected": 5,
        "marked": 4,
        "planned": 0,
        "present": 1,
        "late": 1,
        "elsewhere": 0,
        "absent": 2,
        "unexplained": 1,
        "not_required": 0,
    }
    assert (seen["total"]["AM"]["expected"], seen["total"]["AM"]["marked"]) == (7, 4)
    assert seen["figures_as_of"] == "2026-09-07T08:05:00Z"
    assert seen["incomplete"] is False
    assert seen["register_missing_since"] == {"AM": None, "PM": None}


async def test_a_school_sees_since_when_its_register_is_missing(
    database: Database,
    client: httpx.AsyncClient,
    issuer: TokenIssuer,
    school: ASchool,
    clock: FixedClock,
) -> None:
    async with database.transaction() as db:
        missing = school.misses(MONDAY, Session.AM)
        facts = (school.changed(), school.meets(MONDAY), school.enrols())
        await tell(db, *facts, missing, now=clock.now())

    seen = await read(client, school, issuer)

    assert seen["register_missing_since"] == {"AM": "2026-09-07T08:25:00Z", "PM": None}


async def test_a_register_is_not_taken_once_it_has_closed_without_a_mark(
    database: Database,
    client: httpx.AsyncClient,
    issuer: TokenIssuer,
    school: ASchool,
    clock: FixedClock,
) -> None:
    await a_morning(database, school, clock)

    while_open = await read(client, school, issuer)
    clock.set("2026-09-07T08:20:00Z")
    closed = await read(client, school, issuer)

    assert states(while_open) == {
        "5A": ["partly taken", "no session"],
        "5B": ["awaited", "no session"],
    }
    assert states(closed)["5B"] == ["not taken", "no session"]


async def test_a_school_of_which_only_settings_are_known_has_no_classes_yet(
    database: Database,
    client: httpx.AsyncClient,
    issuer: TokenIssuer,
    school: ASchool,
    clock: FixedClock,
) -> None:
    async with database.transaction() as db:
        await tell(db, school.changed(), now=clock.now())

    seen = await read(client, school, issuer)

    assert (seen["classes"], seen["figures_as_of"]) == ([], None)


@pytest.mark.parametrize(
    ("organisation", "scopes", "status"),
    [
        ("authority:332", "register.read", 200),
        ("authority:999", "register.read", 404),
        ("school:199999", "register.read", 404),
        ("authority:332", "caseload.read", 403),
    ],
)
async def test_a_day_is_for_those_who_may_read_the_schools_registers(
    *,
    database: Database,
    client: httpx.AsyncClient,
    issuer: TokenIssuer,
    school: ASchool,
    clock: FixedClock,
    organisation: str,
    scopes: str,
    status: int,
) -> None:
    await a_morning(database, school, clock)
    headers = issuer.headers(subject="someone", organisation=organisation, scopes=scopes)

    answer = await client.get(f"/v1/schools/{school.urn}/today", headers=headers)

    assert answer.status_code == status


async def test_an_unknown_school_and_another_ones_look_the_same(
    client: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    headers = issuer.headers(subject="x", organisation="school:100000", scopes="register.read")

    answer = await client.get("/v1/schools/199998/today", headers=headers)

    assert answer.status_code == 404
    assert (await client.get("/v1/schools/199998/today")).status_code == 401
