"""What the year rows cost, counted and never timed: what makes them dearer is seen here."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.counting import instructions_a_piece, statements
from attendance_runtime.database import Database, SqlSession
from reporting_service.projection import domain, repository
from reporting_service.projection.use_cases import apply_registers
from reporting_service.testing import ASchool, new_id, tell

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 9, 31, tzinfo=UTC)


@pytest.mark.parametrize("registers", [1, 200])
async def test_a_batch_of_a_morning_is_one_statement_however_large(
    session: SqlSession, registers: int
) -> None:
    """The year rows, each school's totals and how fresh they are."""
    schools = [ASchool() for _ in range(registers)]
    pupils = [[school.enrols() for _ in range(3)] for school in schools]
    await tell(session, *(pupil for of in pupils for pupil in of), now=NOW)
    batch = [
        school.takes(MONDAY, Session.AM, dict.fromkeys((pupil.enrolment_id for pupil in of), "/"))
        for school, of in zip(schools, pupils, strict=True)
    ]
    with statements() as sent:
        await tell(session, *batch, now=NOW)
    assert len(sent) == 1


def test_folding_a_mark_stays_a_few_instructions(school: ASchool) -> None:
    """What looks at every mark runs in C, but for the hash of its enrolment."""
    registers = {
        number: school.takes(MONDAY, Session.AM, {new_id(): "/" for _ in range(number)})
        for number in (500, 1500)
    }
    assert instructions_a_piece(lambda number: domain.mark_changes([registers[number]])) < 20


async def test_a_term_of_updates_stays_on_its_pages_and_takes_no_more_room(
    database: Database, school: ASchool
) -> None:
    """Rows of 732 bytes of marks stay on their pages only while half of each page is left empty."""
    children = [new_id() for _ in range(300)]
    async with database.transaction() as session:
        await repository.add_years(session, children, [2026] * len(children))
        seeded = await room(session)

    made = heap_only = 0
    for day, half in product(range(65), Session):
        register = school.takes(MONDAY + timedelta(days=day), half, dict.fromkeys(children, "I"))
        async with database.transaction() as session:
            had = await updates(session)
            await apply_registers(session, [register], now=NOW)
            has = await updates(session)
        made += has[0] - had[0]
        heap_only += has[1] - had[1]

    assert made == len(children) * 65 * 2
    assert heap_only >= 0.95 * made
    async with database.transaction() as session:
        assert await room(session) <= 1.05 * seeded


async def updates(session: SqlSession) -> tuple[int, int]:
    """Return how many updates this connection has made to the table, and how many heap-only."""
    found = await session.execute(
        text("""
            SELECT pg_stat_get_xact_tuples_updated(id), pg_stat_get_xact_tuples_hot_updated(id)
            FROM CAST('enrolment_years' AS regclass) AS id
        """)
    )
    made, heap_only = found.one()
    return made, heap_only


async def room(session: SqlSession) -> int:
    """Return the bytes that the year rows and their key take."""
    return int(await session.scalar(text("SELECT pg_total_relation_size('enrolment_years')")) or 0)
