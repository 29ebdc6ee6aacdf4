"""Whatever is lost of ledger and copies, `rebuild` brings back, and nothing is decided twice."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.process import rebuild
from attendance_runtime.runtime import Runtime
from attendance_testing.facts import allocated
from attendance_testing.register import StandInRegister
from attendance_testing.serving import runtime_for
from attendance_testing.tokens import TokenIssuer
from escalation_service.main import SERVICE
from escalation_testing.facts import NOW, SCHOOL_DAYS, AChild, both_sessions

DAMAGE = {
    "everything is gone": "TRUNCATE absence_marks, enrolments, calendars, schools",
    "absences are gone": "TRUNCATE absence_marks",
    "the roll is gone": "TRUNCATE enrolments",
    "hours are not known yet": "UPDATE schools SET am_starts_at = '00:00', pm_starts_at = '00:00'",
    "codes are wrong": "UPDATE absence_marks SET code = 'I'",
}


async def kept(db: SqlSession, child: AChild) -> list[str]:
    """All that stands on the register's word about a child's school, as text."""
    statements = (
        "SELECT CAST(t AS text) FROM absence_marks AS t WHERE enrolment_id = :child",
        "SELECT CAST(t AS text) FROM enrolments AS t WHERE school_id = :school",
        "SELECT CAST(t AS text) FROM calendars AS t WHERE school_id = :school",
        "SELECT CAST(t AS text) FROM schools AS t WHERE id = :school",
    )
    about = {"child": child.id, "school": child.school.id}
    found = [list(await db.scalars(text(statement), about)) for statement in statements]
    return sorted(row for rows in found for row in rows)


async def decided(db: SqlSession, child: AChild) -> list[str]:
    """The decisions on a child, their cases, and what was announced of them."""
    statements = (
        "SELECT CAST(id AS text) FROM decisions WHERE child_id = :child",
        "SELECT id || ' ' || COALESCE(outcome, 'open') FROM cases WHERE child_id = :child",
        "SELECT type FROM outbox WHERE key = CAST(CAST(:child AS uuid) AS text)",
    )
    found = [list(await db.scalars(text(one), {"child": child.id})) for one in statements]
    return sorted(row for rows in found for row in rows)


@pytest.fixture
async def runtime(database: Database, issuer: TokenIssuer, child: AChild) -> AsyncIterator[Runtime]:
    """What the service works with; its register knows what the child's school has told."""
    async with StandInRegister().serving() as register:
        register.marks = child.school.diary()
        register.copies = {
            "schools": [child.school.changed()],
            "calendars": [child.school.calendar()],
            "enrolments": [child.school.enrols(child.id)],
            "care-statuses": [allocated(child.id, child.worker)],
        }
        yield runtime_for(
            SERVICE,
            database,
            FixedClock(NOW.isoformat()),
            issuer,
            issuer_url=register.url,
            register_url=register.url,
            client_id="escalation",
            client_secret="quiet",
        )


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_what_was_lost_stands_as_before_and_nothing_is_decided_again(
    runtime: Runtime, database: Database, child: AChild, damage: str
) -> None:
    async with database.transaction() as db:
        before, work = await kept(db, child), await decided(db, child)
        await db.execute(text(damage))
        assert await kept(db, child) != before

    assert await rebuild(SERVICE, runtime) == 0

    async with database.transaction() as db:
        assert await kept(db, child) == before
        assert await decided(db, child) == work
    assert len(before) == len(both_sessions(SCHOOL_DAYS)[:20]) + 3
