"""What registers cost, counted and never timed: a change that makes them dearer is seen here.

The figures are those of the code as it stands, with room for another version of Python or
PostgreSQL; whoever needs more says so by changing them.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.access import Principal
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database, SqlSession
from attendance_testing.counting import instructions_a_piece, statements
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from register_service.absences.domain import absence_news
from register_service.calendar.domain import SessionAt
from register_service.main import SERVICE
from register_service.registers import domain
from register_service.registers.domain import ChangedMark, Recorded, SentMark
from register_service.registers.domain.news import turns_of
from register_service.registers.use_cases import RecordRegister, record_registers
from register_service.roll.domain import Pupil

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
NOW = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
MIS = Principal("demo-mis", "supplier:demo-mis", frozenset({"register.write"}))
CODES = ("/", "/", "/", "/", "/", "/", "/", "/", "/", "/", "/", "/", "N", "I")
SchoolBuilder = Callable[..., Awaitable[Any]]

STATEMENTS = 4
"""Schools and calendars; who may; the marks; the outbox."""


def a_class(
    first: int, size: int, *, urn: str = "100001", class_code: str = "", day: date = MONDAY
) -> RecordRegister:
    """Mark pupils by their MIS ids, from one on."""
    marks = [
        SentMark(place, "MIS_ID", str(first + place), CODES[place % len(CODES)])
        for place in range(size)
    ]
    at = SessionAt(urn, day, Session.AM)
    return RecordRegister(at=at, class_code=class_code, marks=marks, sender=MIS, keep_good=False)


@pytest.mark.parametrize("classes", [1, 30])
async def test_registers_written_together_cost_four_statements_however_many(
    db: SqlSession, a_school: SchoolBuilder, classes: int
) -> None:
    await a_school(db, pupils=90)
    orders = [a_class(1 + 3 * place, 3, class_code=f"C{place}") for place in range(classes)]
    await record_registers(db, orders, now=NOW)
    tomorrow = [replace(order, at=replace(order.at, day=TUESDAY)) for order in orders]
    with statements() as sent:
        outcomes = await record_registers(db, tomorrow, now=NOW)
    assert all(isinstance(outcome, Recorded) and outcome.new == 3 for outcome in outcomes)
    assert len(sent) == STATEMENTS


async def test_rolls_that_changed_cost_one_statement_for_all(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    for urn in ("100001", "100002"):
        await a_school(db, urn=urn, pupils=30)
    orders = [a_class(1, 30, urn=urn) for urn in ("100001", "100002")]
    with statements() as sent:
        await record_registers(db, orders, now=NOW)
    assert len(sent) == STATEMENTS + 1


async def test_a_request_costs_four_statements_and_one_commit(
    database: Database, a_school: SchoolBuilder, issuer: TokenIssuer, clean_tables: None
) -> None:
    async with database.transaction() as db:
        await a_school(db)
    body = {"marks": [{"mis_id": "1", "code": "N"}, {"mis_id": "2", "code": "/"}]}
    headers = issuer.headers(
        subject=MIS.subject, organisation=MIS.organisation, scopes="register.write"
    )
    async with client_for(SERVICE, database, FixedClock(NOW.isoformat()), issuer) as client:
        await put(client, body, headers, day=TUESDAY)  # reads the roll
        with statements() as sent:
            answer = await put(client, body, headers)
    assert answer.status_code == 200
    assert len(sent) == STATEMENTS + 1
    assert sent[-1] == "COMMIT"


async def put(
    client: httpx.AsyncClient, body: object, headers: dict[str, str], *, day: date = MONDAY
) -> httpx.Response:
    return await client.put(f"/v1/schools/100001/registers/{day}/AM", json=body, headers=headers)


def all_new(number: int) -> list[ChangedMark]:
    return [
        ChangedMark(UUID(int=place), UUID(int=place), None, CODES[place % len(CODES)])
        for place in range(number)
    ]


def test_checking_a_mark_stays_a_few_instructions() -> None:
    def check(number: int) -> object:
        return domain.check_marks(marks[:number], MONDAY, Session.AM)

    marks = a_class(1, 1500).marks
    assert instructions_a_piece(check) < 30


def test_finding_a_marks_pupil_stays_a_few_instructions() -> None:
    def name(number: int) -> object:
        roll = domain.name_pupils(marks[:number], [{"MIS_ID": pupils[:number]}])
        return domain.missing_pupils(pupils[:number], [pupil for pupil in roll if pupil])

    marks = a_class(1, 1500).marks
    pupils = [
        Pupil(str(1 + place), UUID(int=place), UUID(int=place), MONDAY, None)
        for place in range(1500)
    ]
    assert instructions_a_piece(name) < 95


def test_telling_what_changed_stays_a_few_instructions_a_mark() -> None:
    def classify(number: int) -> Sequence[object]:
        turns = turns_of(marks[:number], frozenset("N"), MONDAY)
        return absence_news(turns, school_id=UUID(int=1), day=MONDAY, session=Session.AM, now=NOW)

    marks = all_new(1500)
    assert instructions_a_piece(classify) < 75


async def test_a_million_marks_take_no_more_room_than_they_did(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    """Heap and key together; a second index would add half as much again."""
    pupils, days = 500, [date(2026, 9, day) for day in (7, 8, 9, 10, 11, 14, 15, 16, 17, 18)]
    await a_school(db, pupils=pupils)
    await db.execute(text("TRUNCATE marks, registers"))
    for day in days:
        [outcome] = await record_registers(db, [a_class(1, pupils, day=day)], now=NOW)
        assert isinstance(outcome, Recorded)
    size = await db.scalar(
        text("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('marks')")
    )
    assert size / (pupils * len(days)) < 200
