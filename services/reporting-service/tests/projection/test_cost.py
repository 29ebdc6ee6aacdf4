"""What the year rows cost, counted and never timed: what makes them dearer is seen here."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import Database, SqlSession
from attendance_testing.counting import instructions_a_piece, statements
from reporting_service.projection import domain
from reporting_service.projection.use_cases import apply_registers
from reporting_testing.facts import ASchool, new_id, tell

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 9, 31, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 9, 7, 9, 31, tzinfo=UTC)


@pytest.mark.parametrize("registers", [1, 200])
async def test_a_batch_of_a_morning_is_one_statement_however_large(
    db: SqlSession, registers: int
) -> None:
    """The year rows, each school's totals and how fresh they are."""
    schools = [ASchool() for _ in range(registers)]
    pupils = [[school.enrols() for _ in range(3)] for school in schools]
    opened = [event for school in schools for event in school.opens(2026)]
    await tell(db, *opened, *(pupil for of in pupils for pupil in of), now=NOW)
    batch = [
        school.takes(MONDAY, Session.AM, dict.fromkeys((pupil.enrolment_id for pupil in of), "/"))
        for school, of in zip(schools, pupils, strict=True)
    ]
    with statements() as sent:
        await tell(db, *batch, now=NOW)
    assert len(sent) == 1


def test_folding_a_mark_stays_a_few_instructions(school: ASchool) -> None:
    """What looks at every mark runs in C, but for the hash of its enrolment."""
    registers = {
        number: school.takes(MONDAY, Session.AM, {new_id(): "/" for _ in range(number)})
        for number in (500, 1500)
    }
    assert instructions_a_piece(lambda number: domain.mark_changes([registers[number]], NOW)) < 20


async def test_marks_entered_ahead_cost_one_statement_more_and_no_other_batch_does(
    db: SqlSession, school: ASchool
) -> None:
    pupil = school.enrols()
    await tell(db, *school.opens(2026), pupil, now=NOW)
    ahead = school.takes(MONDAY + timedelta(days=9), Session.AM, {pupil.enrolment_id: "G"}, at=NOW)
    with statements() as sent:
        await tell(db, ahead, now=NOW)
    assert len(sent) == 2


@pytest.mark.parametrize("pupils", [1, 100])
async def test_a_calendar_that_changes_costs_four_statements_however_many_children(
    db: SqlSession, school: ASchool, pupils: int
) -> None:
    """The school's turn, the calendar, its children's rows read, and written."""
    children = [school.enrols() for _ in range(pupils)]
    await tell(db, *school.opens(2026), *children, now=NOW)
    with statements() as sent:
        await tell(db, school.meets(MONDAY), now=NOW)
    assert len(sent) == 4


async def test_a_term_of_updates_stays_on_its_pages_and_takes_no_more_room(
    database: Database, school: ASchool
) -> None:
    """Rows of 732 bytes of marks stay on their pages only while half of each page is left empty."""
    enrolled = [school.enrols() for _ in range(300)]
    children = [child.enrolment_id for child in enrolled]
    async with database.transaction() as db:
        await tell(db, *school.opens(2026), now=NOW)
    async with database.transaction() as db:
        await tell(db, *enrolled, now=NOW)
        seeded = await room(db)

    made = heap_only = 0
    for day, half in product(range(65), Session):
        register = school.takes(MONDAY + timedelta(days=day), half, dict.fromkeys(children, "I"))
        async with database.transaction() as db:
            had = await updates(db)
            await apply_registers(db, [register], now=NEXT_YEAR)
            has = await updates(db)
        made += has[0] - had[0]
        heap_only += has[1] - had[1]

    assert made == len(children) * 65 * 2
    assert heap_only >= 0.95 * made
    async with database.transaction() as db:
        assert await room(db) <= 1.05 * seeded


async def updates(db: SqlSession) -> tuple[int, int]:
    """Return how many updates this connection has made to the table, and how many heap-only."""
    found = await db.execute(
        text("""
            SELECT pg_stat_get_xact_tuples_updated(id), pg_stat_get_xact_tuples_hot_updated(id)
            FROM CAST('enrolment_years' AS regclass) AS id
        """)
    )
    made, heap_only = found.one()
    return made, heap_only


async def room(db: SqlSession) -> int:
    """Return the bytes that the year rows and their key take."""
    return int(await db.scalar(text("SELECT pg_total_relation_size('enrolment_years')")) or 0)
