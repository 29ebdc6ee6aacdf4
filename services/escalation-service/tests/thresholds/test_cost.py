"""What thresholds cost, counted and never timed: a change that makes them dearer is seen here."""

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from attendance_testing.counting import instructions_a_piece, statements
from escalation_service.absences.domain import ledger_changes
from escalation_testing.facts import POLICIES, SCHOOL_DAYS, ASchool, consume

STATEMENTS = 3
"""The school's turn, the ledger, and whom it concerns."""


@pytest.mark.parametrize("registers", [1, 100])
async def test_a_batch_in_which_nothing_is_met_costs_three_statements_however_large(
    db: SqlSession, registers: int
) -> None:
    schools = [ASchool() for _ in range(registers)]
    pupils = [uuid7() for _ in schools]
    for school, pupil in zip(schools, pupils, strict=True):
        await consume(db, [school.changed(), school.calendar(), school.enrols(pupil)])
    batch = [
        school.records(SCHOOL_DAYS[0], Session.AM, {pupil: "O"})
        for school, pupil in zip(schools, pupils, strict=True)
    ]
    with statements() as sent:
        await consume(db, batch)
    assert len(sent) == STATEMENTS


async def test_a_threshold_that_many_meet_at_once_costs_what_it_costs_for_one(
    db: SqlSession,
) -> None:
    assert await statements_when_met(db, pupils=20) == await statements_when_met(db, pupils=1)


async def statements_when_met(db: SqlSession, *, pupils: int) -> int:
    """Count what a batch costs in which so many pupils of a school meet the threshold."""
    school, ids = ASchool(), [uuid7() for _ in range(pupils)]
    await consume(
        db, [school.changed(), school.calendar(), *(school.enrols(pupil) for pupil in ids)]
    )
    absences = [
        school.records(day, half, dict.fromkeys(ids, "O"))
        for day in SCHOOL_DAYS[:10]
        for half in Session
    ]
    with statements() as sent:
        await consume(db, absences)
    return len(sent)


def test_a_mark_of_a_child_who_is_here_costs_no_instruction() -> None:
    """Thirteen marks in fourteen are passed over in C."""
    school = ASchool()
    marks = [(uuid7(), "/") for _ in range(1500)]
    registers = {
        number: school.records(SCHOOL_DAYS[0], Session.AM, dict(marks[:number]))
        for number in (500, 1500)
    }
    assert instructions_a_piece(lambda n: ledger_changes([registers[n]], POLICIES.codes)) < 1


async def test_a_million_absences_take_no_more_room_than_they_did(db: SqlSession) -> None:
    school, pupils = ASchool(), [uuid7() for _ in range(500)]
    await db.execute(text("TRUNCATE absence_marks"))
    for day in SCHOOL_DAYS[:10]:
        await consume(db, [school.records(day, Session.AM, dict.fromkeys(pupils, "I"))])
    size = await db.scalar(text("SELECT pg_total_relation_size('absence_marks')"))
    assert size is not None
    assert size / 5000 < 150
