"""The caseload over HTTP: real PostgreSQL, and a register that speaks HTTP beside it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.events import CaseClosed, CaseOpened, EnrolmentChanged
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.answers import next_page
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from reporting_service.main import SERVICE
from reporting_testing.facts import ASchool, in_care_of, new_id, tell
from reporting_testing.register import StandInRegister

MONDAY = date(2026, 9, 7)
FRIDAY = date(2026, 9, 18)
WEEKDAYS = tuple(MONDAY + timedelta(days=n) for n in range(12) if n % 7 < 5)
CLOCK = FixedClock("2026-09-18T15:00:00Z")
CASELOAD = "caseload.read child.read"


@dataclass
class Desk:
    """A social worker at work: a school's children may be allocated, and the caseload read."""

    database: Database
    client: httpx.AsyncClient
    school: ASchool
    worker: str
    headers: dict[str, str]

    async def tell(self, *events: object) -> None:
        async with self.database.transaction() as db:
            await tell(db, *events, now=CLOCK.now())

    async def allocated(self, *, marks: str = "") -> EnrolmentChanged:
        """A child of the school and of this worker, with a mark a session from the Monday on."""
        child = self.school.enrols()
        sessions = [(day, half) for day in WEEKDAYS for half in Session]
        registers = [
            self.school.takes(day, half, {child.enrolment_id: code})
            for (day, half), code in zip(sessions, marks.split(), strict=False)
        ]
        facts = (self.school.changed(), self.school.meets(*WEEKDAYS), child)
        await self.tell(*facts, in_care_of(self.worker, child.child_id), *registers)
        return child

    async def read(self) -> list[Any]:
        """The children on the first page, as JSON."""
        answer = await self.client.get(f"/v1/caseloads/{self.worker}", headers=self.headers)
        assert answer.status_code == 200
        children: list[Any] = answer.json()["children"]
        return children


@pytest.fixture
async def client(
    database: Database, issuer: TokenIssuer, register: StandInRegister
) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(SERVICE, database, CLOCK, issuer, register_url=register.url) as client:
        yield client


@pytest.fixture
def desk(
    database: Database, client: httpx.AsyncClient, school: ASchool, issuer: TokenIssuer
) -> Desk:
    worker = f"worker-{new_id()}"
    headers = issuer.headers(subject=worker, organisation="authority:332", scopes=CASELOAD)
    return Desk(database, client, school, worker, headers)


async def test_a_social_worker_sees_what_their_child_missed(desk: Desk) -> None:
    child = await desk.allocated(marks="/ \\ I I N O / \\ L \\ D \\")

    (seen,) = await desk.read()

    (enrolment,) = seen["enrolments"]
    assert seen["child_id"] == str(child.child_id)
    assert seen["care"][0]["kind"] == "child-in-need"
    assert enrolment["name"] == {"forename": "Robin", "surname": "Example"}
    assert enrolment["school"]["name"] == "Heron Way"
    assert enrolment["last_ten_school_days"] == {
        "sessions": 4,
        "days": 2.0,
        "hours": 13.0,
        "authorised_sessions": 2,
        "unauthorised_sessions": 2,
        "possible_sessions": 11,
    }
    assert (enrolment["last_ten_school_days_from"], enrolment["last_ten_school_days_to"]) == (
        "2026-09-07",
        "2026-09-18",
    )
    assert enrolment["school_year"]["attendance_percent"] == 63.6
    assert enrolment["school_year"]["persistently_absent"] is True
    assert enrolment["school_year"]["severely_absent"] is False
    assert enrolment["late_sessions"] == 1
    assert enrolment["missing_marks"] == 8
    assert [half["state"] for half in enrolment["today"]] == ["missing", "missing"]
    assert enrolment["figures_as_of"] == "2026-09-14T12:15:00Z"
    assert enrolment["incomplete"] is False
    assert seen["together"]["label"] == "sum of 1 enrolment"


async def test_a_child_at_two_schools_has_figures_for_each_and_a_labelled_sum(desk: Desk) -> None:
    child = await desk.allocated(marks="I I")
    other = ASchool()
    second = other.enrols(child.child_id)
    register = other.takes(MONDAY, Session.AM, {second.enrolment_id: "N"})
    await desk.tell(*other.opens(2026), second, register)

    (seen,) = await desk.read()

    assert [one["school_year"]["sessions"] for one in seen["enrolments"]] == [2, 1]
    assert seen["together"]["label"] == "sum of 2 enrolments"
    assert seen["together"]["school_year"]["sessions"] == 3
    assert seen["together"]["school_year"]["hours"] == 9.75


async def test_a_case_is_shown_until_it_closes(desk: Desk) -> None:
    child = await desk.allocated()
    facts = {
        "case_id": new_id(),
        "decision_id": new_id(),
        "enrolment_id": child.enrolment_id,
        "child_id": child.child_id,
        "school_id": desk.school.id,
        "policy": "dudley",
        "rule": "ten-days-unauthorised",
        "recorded_at": CLOCK.now(),
    }

    async def open_cases() -> list[str]:
        (seen,) = await desk.read()
        return [case["rule"] for case in seen["enrolments"][0]["open_cases"]]

    await desk.tell(CaseOpened(**facts))  # type: ignore[arg-type] # one set of facts for two events
    assert await open_cases() == ["ten-days-unauthorised"]

    await desk.tell(CaseClosed(**facts, outcome="withdrawn"))  # type: ignore[arg-type] # as above
    assert await open_cases() == []


async def test_an_allocation_that_ends_is_gone_from_the_next_page(desk: Desk) -> None:
    child = await desk.allocated()
    ended = in_care_of(desk.worker, child.child_id, until=FRIDAY - timedelta(days=1), version=2)
    await desk.tell(ended)

    assert await desk.read() == []


async def test_pages_neither_skip_nor_repeat_a_child(desk: Desk) -> None:
    expected = sorted([str((await desk.allocated()).child_id) for _ in range(5)])

    seen: list[str] = []
    url: str | None = f"/v1/caseloads/{desk.worker}?limit=2"
    while url:
        answer = await desk.client.get(url, headers=desk.headers)
        seen += [child["child_id"] for child in answer.json()["children"]]
        url = next_page(answer)

    assert seen == expected


async def test_the_readers_own_token_fetches_the_names(
    desk: Desk, register: StandInRegister
) -> None:
    shown, hidden = [await desk.allocated() for _ in range(2)]
    register.hidden.add(str(hidden.enrolment_id))

    names = {
        one["enrolment_id"]: one["name"]
        for child in await desk.read()
        for one in child["enrolments"]
    }
    assert register.authorizations == [desk.headers["Authorization"]]
    assert names[str(shown.enrolment_id)] is not None
    assert names[str(hidden.enrolment_id)] is None


@pytest.mark.parametrize("ailing", ["refuses", "away"])
async def test_a_page_without_names_is_better_than_none(
    desk: Desk, issuer: TokenIssuer, register: StandInRegister, ailing: str
) -> None:
    await desk.allocated()
    register.status = 503
    url = register.url if ailing == "refuses" else "http://127.0.0.1:1"
    async with client_for(SERVICE, desk.database, CLOCK, issuer, register_url=url) as client:
        answer = await client.get(f"/v1/caseloads/{desk.worker}", headers=desk.headers)

    assert answer.status_code == 200
    assert answer.json()["names"] == "unavailable"
    assert answer.json()["children"][0]["enrolments"][0]["name"] is None


async def test_every_page_read_is_written_to_the_access_log(desk: Desk) -> None:
    child = await desk.allocated()

    await desk.read()

    async with desk.database.transaction() as db:
        logged = await db.execute(
            text("SELECT action, child_ids FROM access_log WHERE subject = :worker"),
            {"worker": desk.worker},
        )
        rows = [(row.action, row.child_ids) for row in logged]
    assert rows == [("caseload.read", [child.child_id])]


async def test_an_unapplied_event_of_the_school_is_said_on_the_page(desk: Desk) -> None:
    await desk.allocated()
    await park_an_event_of(desk.database, desk.school.id)

    (seen,) = await desk.read()

    assert seen["enrolments"][0]["incomplete"] is True


async def park_an_event_of(database: Database, school_id: UUID) -> None:
    async with database.transaction() as db:
        await db.execute(
            text("""
                INSERT INTO dead_letter (consumer_group, topic, partition, "offset", route, part,
                                         type, key, kind, error)
                VALUES ('reporting-service', 'attendance.registers.v1', 0, :offset,
                        'apply_registers', 0, 'uk.firstday.register.recorded.v1', :key, 'parked',
                        'KeyError')
            """),
            {"offset": school_id.int % 2**40, "key": str(school_id)},
        )


@pytest.mark.parametrize(
    ("subject", "scopes", "status"),
    [
        ("another-worker", CASELOAD, 404),
        ("school-office", CASELOAD, 404),
        (None, "register.read", 403),
    ],
)
async def test_a_caseload_is_for_its_own_worker_alone(
    desk: Desk, issuer: TokenIssuer, subject: str | None, scopes: str, status: int
) -> None:
    headers = issuer.headers(
        subject=subject or desk.worker, organisation="authority:332", scopes=scopes
    )

    answer = await desk.client.get(f"/v1/caseloads/{desk.worker}", headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_without_a_token_nothing_is_read(desk: Desk) -> None:
    answer = await desk.client.get(f"/v1/caseloads/{desk.worker}")

    assert answer.status_code == 401


@pytest.mark.parametrize("query", ["after=nowhere", "after=WyJhIl0", "limit=0", "limit=101"])
async def test_a_query_that_cannot_be_answered_is_pointed_at(desk: Desk, query: str) -> None:
    answer = await desk.client.get(f"/v1/caseloads/{desk.worker}?{query}", headers=desk.headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"]


async def test_a_child_whom_a_link_has_made_of_two_is_seen_by_its_worker_with_all_it_missed(
    desk: Desk,
) -> None:
    child = await desk.allocated(marks="N")
    newcomer = desk.school.enrols()
    await desk.tell(newcomer)
    [before] = await desk.read()
    assert len(before["enrolments"]) == 1
    await desk.tell(desk.school.enrols(child.child_id, enrolment_id=newcomer.enrolment_id))
    [after] = await desk.read()
    assert after["child_id"] == str(child.child_id)
    ids = {str(child.enrolment_id), str(newcomer.enrolment_id)}
    assert {enrolment["enrolment_id"] for enrolment in after["enrolments"]} == ids
