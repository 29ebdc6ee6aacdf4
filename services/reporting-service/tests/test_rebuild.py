"""Whatever of the projection is lost or damaged, `rebuild` makes it what the register says."""

from datetime import date

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.events import CalendarChanged, CareChanged, EnrolmentChanged
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.process import rebuild
from attendance_runtime.runtime import Runtime
from reporting_service.main import SERVICE
from reporting_testing.facts import ASchool, in_care_of, new_id, tell
from reporting_testing.register import StandInRegister

MONDAY = date(2026, 9, 7)
COPIED = ("schools", "calendars", "enrolments", "care")
SUMMED = ("enrolment_years", "school_years")
# How fresh the figures are: the moment of the last register heard, which the marks do not say.
MOMENTS = "CAST('{fresh_at,recorded_at}' AS text[])"
DAMAGE = {
    "everything is gone": "TRUNCATE schools, calendars, enrolments, care,"
    " enrolment_years, school_years",
    "the roll is gone": "TRUNCATE enrolments",
    "figures are wrong": "UPDATE enrolment_years SET attended = 9, marks = overlay(marks"
    " PLACING '\\x07' FROM 12)",
    "sums are wrong": "UPDATE school_years SET unauthorised = 77",
}


async def kept(db: SqlSession) -> dict[str, list[str]]:
    """All that the projection holds, as text; sums that are all nought are as good as none."""
    rows = {}
    for table in (*COPIED, *SUMMED):
        statement = f"SELECT CAST(to_jsonb(t) - {MOMENTS} AS text) FROM {table} AS t"  # noqa: S608 - ours
        rows[table] = sorted(await db.scalars(text(statement)))
    return {table: found for table, found in rows.items() if found}


@pytest.fixture
async def whole(
    runtime: Runtime, database: Database, school: ASchool, register: StandInRegister
) -> dict[str, list[str]]:
    """A school with a calendar, a roll, a worker's child and a morning, here and there."""
    robin, sasha = sorted((school.enrols(), school.enrols()), key=lambda child: child.enrolment_id)
    settings, calendar = school.changed(), school.meets(MONDAY)
    care = in_care_of(f"worker-{new_id()}", robin.child_id)
    marks = {robin.enrolment_id: "/", sasha.enrolment_id: "N"}
    facts = (settings, calendar, robin, sasha, care)
    register.marks = [(child, MONDAY, Session.AM, code) for child, code in marks.items()]
    register.copies = {
        "schools": [settings],
        "calendars": [fact for fact in facts if isinstance(fact, CalendarChanged)],
        "enrolments": [fact for fact in facts if isinstance(fact, EnrolmentChanged)],
        "care-statuses": [fact for fact in facts if isinstance(fact, CareChanged)],
    }
    async with database.transaction() as db:
        await db.execute(text(DAMAGE["everything is gone"]))
        await tell(db, *facts, now=runtime.clock.now())
        taken = school.takes(MONDAY, Session.AM, marks)
        await tell(db, taken, now=runtime.clock.now())
        return await kept(db)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_what_was_lost_stands_as_before(
    runtime: Runtime, database: Database, whole: dict[str, list[str]], damage: str
) -> None:
    async with database.transaction() as db:
        await db.execute(text(damage))
        assert await kept(db) != whole

    assert await rebuild(SERVICE, runtime) == 0

    async with database.transaction() as db:
        assert await kept(db) == whole


async def test_what_is_true_stays_as_it_is(
    runtime: Runtime, database: Database, whole: dict[str, list[str]]
) -> None:
    assert await rebuild(SERVICE, runtime) == 0

    async with database.transaction() as db:
        assert await kept(db) == whole
