"""What a decision keeps, and decisions that were kept before it kept as much."""

from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import Database, SqlSession
from escalation_service.decisions.domain import Kind
from escalation_service.decisions.repository import decisions_on
from escalation_testing.facts import SCHOOL_DAYS, AChild, Caller, consume


async def as_kept_before(db: SqlSession, child: AChild) -> None:
    """Make a child's decisions what a version without measures wrote."""
    await db.execute(
        text("""
            UPDATE decisions
            SET measure = NULL, value = NULL, window_first = NULL, window_last = NULL
            WHERE enrolment_id = :child
        """),
        {"child": child.id},
    )


async def test_a_decision_keeps_measure_value_and_window_as_data(
    database: Database, child: AChild
) -> None:
    async with database.transaction() as db:
        found = await db.execute(
            text("""
                SELECT measure, value, window_first || ' ' || window_last FROM decisions
                WHERE enrolment_id = :child
            """),
            {"child": child.id},
        )
    assert [tuple(row) for row in found] == [
        (
            {
                "measure": "sessions",
                "count": ["G", "N", "O", "U"],
                "within": "school-year",
                "sessions": 20,
            },
            20,
            "2026-09-01 2027-08-31",
        )
    ]


async def test_a_decision_of_before_is_read_as_it_was(
    database: Database, officer: Caller, child: AChild
) -> None:
    path = f"/v1/enrolments/{child.id}/decisions"
    answer = await officer.get(path)
    async with database.transaction() as db:
        kept = await decisions_on(db, child.id)
        await as_kept_before(db, child)
        assert await decisions_on(db, child.id) == kept
    assert (await officer.get(path)).json() == answer.json()


async def test_a_decision_of_before_is_withdrawn_by_a_correction(
    database: Database, child: AChild
) -> None:
    corrected = child.school.records(SCHOOL_DAYS[0], Session.AM, {child.id: "I"})
    async with database.transaction() as db:
        await as_kept_before(db, child)
        await consume(db, [corrected])
        met, withdrawal = await decisions_on(db, child.id)
    assert (met.withdrawn_by, withdrawal.kind) == (withdrawal.id, Kind.WITHDRAWN)
    assert withdrawal.value.number == 19
