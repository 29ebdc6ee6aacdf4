"""Over all schools: registers that have not come, and families that nobody could tell."""

from datetime import UTC, date, datetime

from prometheus_client import REGISTRY
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import Database
from attendance_runtime.runtime import Runtime
from attendance_runtime.waiting import Counts
from reporting_service.today.repository.waiting import MISSING, UNTOLD
from reporting_testing.facts import ASchool, new_id, tell

MONDAY = date(2026, 9, 7)


async def counted(runtime: Runtime) -> list[float | None]:
    """How many morning and afternoon registers are missing, and how many families untold."""
    await Counts(runtime.database, runtime.clock, [MISSING, UNTOLD]).refresh()
    return [
        REGISTRY.get_sample_value("firstday_registers_missing", {"session": "AM"}),
        REGISTRY.get_sample_value("firstday_registers_missing", {"session": "PM"}),
        REGISTRY.get_sample_value("firstday_families_untold"),
    ]


async def test_todays_registers_count_until_they_come(
    runtime: Runtime, database: Database, school: ASchool
) -> None:
    robin = school.enrols()
    before = date(2026, 9, 4)
    async with database.transaction() as db:
        await db.execute(text("TRUNCATE missing_registers, untold_families"))
        await tell(db, school.changed(), robin, now=runtime.clock.now())
        for day, half in ((before, Session.AM), (MONDAY, Session.AM), (MONDAY, Session.PM)):
            await tell(db, school.misses(day, half), now=runtime.clock.now())
    assert await counted(runtime) == [1, 1, 0]

    async with database.transaction() as db:
        beforehand = datetime(2026, 9, 4, tzinfo=UTC)
        planned = school.takes(MONDAY, Session.AM, {robin.enrolment_id: "I"}, at=beforehand)
        await tell(db, planned, now=runtime.clock.now())
    assert await counted(runtime) == [1, 1, 0]

    async with database.transaction() as db:
        taken = school.takes(MONDAY, Session.AM, {robin.enrolment_id: "/"})
        await tell(db, taken, now=runtime.clock.now())
    assert await counted(runtime) == [0, 1, 0]


async def test_todays_families_count_and_nobody_elses(
    runtime: Runtime, database: Database, school: ASchool
) -> None:
    async with database.transaction() as db:
        await db.execute(text("TRUNCATE missing_registers, untold_families"))
        await tell(db, school.changed(), now=runtime.clock.now())
        for day in (date(2026, 9, 4), MONDAY):
            await db.execute(
                text("INSERT INTO untold_families VALUES (:school, :day, :one, :one, now())"),
                {"school": school.id, "day": day, "one": new_id()},
            )

    assert await counted(runtime) == [0, 0, 1]
