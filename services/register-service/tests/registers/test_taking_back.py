"""A pupil sent without a mark over one that the same source sent: it is taken back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.counting import statements
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from register_service.main import SERVICE
from register_service.missing import repository as missing
from register_service.missing.domain import Look, place_of
from register_service.missing.use_cases import find_untaken
from register_service.registers import repository

MONDAY = date(2026, 9, 7)
REGISTER = "/v1/schools/100001/registers/2026-09-07/AM"
SCOPES = "register.write register.read mark.amend bulk.read"
AMENDMENT = {
    "code": "I",
    "reason": "Parent telephoned",
    "amender_name": "A. Officer",
    "amender_title": "Attendance officer",
}


class Office:
    """A school of three pupils, as its office sends and reads its register."""

    def __init__(self, http: httpx.AsyncClient, headers: dict[str, str], school: Any) -> None:
        self.http, self.headers, self.school = http, headers, school

    async def send(self, *codes: str | None, **more: Any) -> Any:
        """Send a code for each pupil in turn."""
        marks = [{"mis_id": str(place), "code": code} for place, code in enumerate(codes, 1)]
        marks[0] |= more
        answer = await self.http.put(REGISTER, json={"marks": marks}, headers=self.headers)
        return answer.raise_for_status().json()

    async def read(self) -> list[str | None]:
        """Return what the register says of each pupil."""
        answer = await self.http.get(REGISTER, headers=self.headers)
        codes = {one["enrolment_id"]: one["code"] for one in answer.json()["entries"]}
        return [codes[str(pupil)] for pupil in self.school.enrolments]

    async def history(self) -> Any:
        """Return the history of the first pupil's mark."""
        return (await self.http.get(f"{self._mark}/history", headers=self.headers)).json()

    async def amend(self, revision: int, **more: str) -> httpx.Response:
        """Amend the first pupil's mark."""
        headers = self.headers | {"If-Match": f'"r{revision}"'}
        return await self.http.patch(self._mark, json=AMENDMENT | more, headers=headers)

    @property
    def _mark(self) -> str:
        return f"/v1/schools/100001/marks/{self.school.enrolments[0]}/2026-09-07/AM"


@pytest.fixture
async def office(
    database: Database,
    issuer: TokenIssuer,
    clean_tables: None,
    a_school: Callable[..., Awaitable[Any]],
) -> AsyncIterator[Office]:
    async with database.transaction() as db:
        school = await a_school(db)
        await db.execute(
            text("INSERT INTO reach VALUES ('school:100001', 'staff', :id, '-infinity', NULL)"),
            {"id": school.id},
        )
    headers = issuer.headers(subject="office-1", organisation="school:100001", scopes=SCOPES)
    clock = FixedClock("2026-09-07T08:00:00+00:00")
    async with client_for(SERVICE, database, clock, issuer) as http:
        yield Office(http, headers, school)


async def announced(database: Database) -> list[str]:
    async with database.transaction() as db:
        found = await db.execute(text("SELECT type FROM outbox ORDER BY id"))
        return [row.type.removeprefix("uk.firstday.").removesuffix(".v1") for row in found]


@pytest.mark.parametrize("without", [None, "-", ""])
async def test_no_mark_stands_where_one_was_taken_back(
    office: Office, database: Database, without: str | None
) -> None:
    await office.send("N", "/", "I")
    answer = await office.send(without, "/", "I")
    assert (answer["state"], answer["changed"], answer["unchanged"]) == ("recorded", 1, 2)
    assert answer["missing"] == [str(office.school.enrolments[0])]
    assert await office.read() == [None, "/", "I"]
    assert (await announced(database))[-2:] == ["register.recorded", "absence.retracted"]
    async with database.transaction() as db:
        marks = await repository.marks_of(db, office.school.enrolments)
    assert sorted(mark[3] for mark in marks) == ["/", "I"]


async def test_the_history_keeps_both_and_the_next_mark_is_a_later_revision(office: Office) -> None:
    await office.send("N", "/", "/")
    await office.send(None, "/", "/")
    again = await office.send("L", "/", "/", minutes_late=4)
    assert (again["new"], again["changed"], again["unchanged"]) == (1, 0, 2)
    history = await office.history()
    assert (history["code"], history["revision"]) == ("L", 3)
    assert [(one["previous_code"], one["code"]) for one in history["amendments"]] == [
        ("N", None),
        (None, "L"),
    ]


async def test_taking_back_twice_or_what_was_never_sent_changes_nothing(
    office: Office, database: Database
) -> None:
    await office.send("N")
    await office.send(None, None)
    before = await announced(database)
    again = await office.send(None, "-")
    assert (again["state"], again["changed"], again["unchanged"]) == ("unchanged", 0, 0)
    assert await announced(database) == before
    assert (await office.history())["revision"] == 2


async def test_what_the_office_amended_stands(office: Office) -> None:
    await office.send("N", "/", "/")
    await office.amend(1)
    answer = await office.send(None, "/", "/")
    assert (answer["state"], answer["changed"]) == ("unchanged", 0)
    assert [fault["pointer"] for fault in answer["warnings"]] == ["#/marks/0/code"]
    again = await office.send("N", "/", "/")
    assert again["state"] == "unchanged"
    assert await office.read() == ["I", "/", "/"]


async def test_what_the_source_itself_caught_up_with_can_be_taken_back(office: Office) -> None:
    await office.send("N")
    await office.amend(1)
    await office.send("I")
    assert (await office.send(None))["changed"] == 1
    assert (await office.read())[0] is None


async def test_the_office_may_mark_what_was_taken_back(office: Office) -> None:
    await office.send("N")
    await office.send(None)
    stale = await office.amend(1)
    amended = await office.amend(2, code="M")
    assert (stale.status_code, amended.status_code) == (412, 200)
    assert amended.json()["revision"] == 3
    assert (await office.read())[0] == "M"


async def test_a_pupil_with_a_mark_and_without_one_in_the_same_body_has_the_mark(
    office: Office,
) -> None:
    await office.send("N")
    pupil = str(office.school.enrolments[0])
    marks = [{"mis_id": "1", "code": "-"}, {"enrolment_id": pupil, "code": "L"}]
    answer = await office.http.put(REGISTER, json={"marks": marks}, headers=office.headers)
    assert answer.json()["changed"] == 1
    assert (await office.read())[0] == "L"


async def test_a_pupil_whom_nobody_knows_and_nobody_marks_is_a_warning(office: Office) -> None:
    marks = [{"mis_id": "1", "code": "/"}, {"mis_id": "77", "code": None}]
    answer = await office.http.put(REGISTER, json={"marks": marks}, headers=office.headers)
    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    assert [fault["pointer"] for fault in answer.json()["warnings"]] == ["#/marks/1/mis_id"]


async def test_a_mark_that_was_left_out_stays(office: Office) -> None:
    await office.send("N", "/", "/")
    marks = [{"mis_id": "2", "code": "/"}]
    await office.http.put(REGISTER, json={"marks": marks}, headers=office.headers)
    assert await office.read() == ["N", "/", "/"]


async def test_a_register_whose_only_mark_was_taken_back_is_not_taken(
    office: Office, database: Database
) -> None:
    look = Look(office.school.id, place_of(MONDAY, Session.AM))
    untaken = []
    for codes in (("N", None), (None, None), (None, "/")):
        await office.send(*codes)
        async with database.transaction() as db:
            hours = await missing.find_hours(db, [look.school_id])
            untaken.append(await find_untaken(db, [look], hours))
    assert untaken == [[], [look], []]


async def test_a_first_entry_keeps_the_words_that_came_with_it(office: Office) -> None:
    await office.send("Y7", "/", "/", reason="The authority's taxi did not come")
    [entry] = (await office.history())["amendments"]
    assert (entry["revision"], entry["previous_code"], entry["code"]) == (1, None, "Y7")
    assert entry["reason"] == "The authority's taxi did not come"
    assert entry["amender_name"] == "not given by source"


async def test_registers_with_a_mark_for_everybody_cost_no_statement_more(office: Office) -> None:
    await office.send("/", "/", "/")
    with statements() as sent:
        await office.send("/", "/", "/")
    with statements() as sent_with_one_left_open:
        await office.send("/", "/", None)
    assert not any("UPDATE marks" in one for one in sent)
    assert sum("UPDATE marks" in one for one in sent_with_one_left_open) == 1
