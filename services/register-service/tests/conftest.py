"""This service's own database, the service over HTTP, and the callers that it tells apart."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from attendance_contracts.identifiers import make_upn
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.bodies import Json, a_contact, roll_line, school_settings
from attendance_testing.databases import database_fixture, transaction_fixture
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from register_service.main import SERVICE
from register_service.tables import metadata

from .stored import SchoolInTest, stored_school

database = database_fixture(Path(__file__).parents[1])
db = transaction_fixture()

SchoolBuilder = Callable[..., Awaitable[SchoolInTest]]
Headers = dict[str, str]
Sign = Callable[..., Headers]
Told = Callable[[], Awaitable[list[Json]]]
SendRoll = Callable[..., Awaitable[list[Json]]]
Mark = Callable[..., Awaitable[None]]

EVERY_SCOPE = (
    "school.write school.read calendar.write roll.write roll.read care.write care.read child.read "
    "care.confirm link.read link.decide bulk.read platform.administer"
)
LISTED: Json = {"authority_code": "332", "name": "Example Primary School"}
_SCHOOL: Json = school_settings(
    "100001",
    name="Example Primary School",
    mis_supplier="example-mis",
    am_starts_at="08:50:00",
    pm_starts_at="13:00:00",
)
_LINE: Json = roll_line(
    upn=make_upn(332, 2000, 21, 1),
    mis_id="1",
    starts_on="2026-09-02",
    contacts=[a_contact(mobile="07700 900123")],
)


@pytest.fixture(scope="session")
def issuer() -> TokenIssuer:
    return TokenIssuer()


@pytest.fixture
def a_school() -> SchoolBuilder:
    """Store a school open on every weekday of September 2026."""
    return stored_school


@pytest.fixture
async def clean_tables(database: Database) -> AsyncIterator[None]:
    """Empty every table after a test that commits for real."""
    yield
    async with database.transaction() as db:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        await db.execute(text(f"TRUNCATE {names} CASCADE"))


@pytest.fixture
def school_body() -> Json:
    return dict(_SCHOOL)


@pytest.fixture
def line() -> Json:
    """One child's line of the roll."""
    return dict(_LINE)


@pytest.fixture
async def client(
    database: Database, issuer: TokenIssuer, clean_tables: None
) -> AsyncIterator[httpx.AsyncClient]:
    """The service, with schools 100001 to 100009 given to authority 332, and 300002 to 352."""
    assert clean_tables is None
    clock = FixedClock("2026-11-20T09:00:00Z")
    async with client_for(SERVICE, database, clock, issuer) as opened:
        headers = issuer.headers(
            subject="administrator", organisation="platform:firstday", scopes="platform.administer"
        )
        given = [LISTED | {"urn": str(100_001 + number)} for number in range(9)]
        given.append(LISTED | {"urn": "300002", "authority_code": "352"})
        answer = await opened.post("/v1/establishments", json=given, headers=headers)
        assert {line["state"] for line in answer.raise_for_status().json()} == {"created"}
        yield opened


@pytest.fixture
def sign(issuer: TokenIssuer) -> Sign:
    """Return the headers of a caller from an organisation, with every scope unless told."""

    def signed(
        organisation: str, *, subject: str = "somebody", scopes: str = EVERY_SCOPE
    ) -> Headers:
        return issuer.headers(subject=subject, organisation=organisation, scopes=scopes)

    return signed


@pytest.fixture
def authority(sign: Sign) -> Headers:
    return sign("authority:332")


@pytest.fixture
def administrator(sign: Sign) -> Headers:
    return sign("platform:firstday")


@pytest.fixture
def supplier(sign: Sign) -> Headers:
    return sign("supplier:example-mis")


@pytest.fixture
def office(sign: Sign) -> Headers:
    return sign("school:100001")


@pytest.fixture
async def school(client: httpx.AsyncClient, authority: Headers) -> Json:
    """The school with URN 100001, kept by authority 332."""
    answer = await client.put("/v1/schools/100001", json=_SCHOOL, headers=authority)
    kept: Json = answer.raise_for_status().json()
    return kept


@pytest.fixture
def send_roll(client: httpx.AsyncClient, supplier: Headers) -> SendRoll:
    """Send lines of the roll as the school's MIS; return the answers."""

    async def send(*lines: Json, urn: str = "100001") -> list[Json]:
        answer = await client.post(f"/v1/schools/{urn}/roll", json=lines, headers=supplier)
        answers: list[Json] = answer.raise_for_status().json()
        return answers

    return send


@pytest.fixture
def told(database: Database) -> Told:
    """Return what has been announced since the last time, oldest first, with its short type."""

    async def announced() -> list[Json]:
        async with database.transaction() as db:
            found = await db.execute(text("DELETE FROM outbox RETURNING id, type, payload"))
            return [
                {"type": row.type.removeprefix("uk.firstday.")} | json.loads(row.payload)
                for row in sorted(found)
            ]

    return announced


@pytest.fixture
def mark(client: httpx.AsyncClient, line: Json, sign: Sign) -> Mark:
    """Send the child's mark for a morning, Friday's unless another day is named."""

    async def send(code: str, day: str = "2026-11-20") -> None:
        answer = await client.put(
            f"/v1/schools/100001/registers/{day}/AM",
            json={"marks": [{"mis_id": line["mis_id"], "code": code}]},
            headers=sign("supplier:example-mis", scopes="register.write"),
        )
        answer.raise_for_status()

    return send


@pytest.fixture
def area(sign: Sign) -> Headers:
    """The authority of the school that knew the child earlier."""
    return sign("authority:332")


@pytest.fixture
async def earlier(
    client: httpx.AsyncClient, school: Json, school_body: Json, sign: Sign, *, send_roll: SendRoll,
    line: Json,
) -> Json:  # fmt: skip
    """A child on roll at a school of authority 332, whose UPN a school of 352 brings later."""
    assert school["urn"] == "100001"
    elsewhere = school_body | {"authority_code": "352", "name": "Sample Primary School"}
    answer = await client.put("/v1/schools/300002", json=elsewhere, headers=sign("authority:352"))
    answer.raise_for_status()
    [enrolled] = await send_roll(line)
    return enrolled


@pytest.fixture
def born_otherwise(line: Json) -> Json:
    return line | {"date_of_birth": "2016-11-30", "forename": "Robin", "mis_id": "77"}


@pytest.fixture
async def newcomer(earlier: Json, born_otherwise: Json, send_roll: SendRoll) -> Json:
    assert earlier["state"] == "created"
    [enrolled] = await send_roll(born_otherwise, urn="300002")
    return enrolled
