"""The tables as migrated are the tables that the code names, and nothing in them is lost."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from attendance_contracts.events import EnrolmentChanged
from attendance_contracts.measures import Tally, Totals
from attendance_runtime.database import Database
from attendance_testing.databases import created_database, migrate_by_alembic, schema_differences
from reporting_service.projection.domain import NO_MARKS, YearOfMarks
from reporting_service.projection.repository import totals_of, years_of
from reporting_service.recount.repository import wrong_totals
from reporting_service.roll.repository import ENROLMENTS
from reporting_service.schools.repository import SCHOOLS, schools_by_id
from reporting_service.tables import metadata
from reporting_testing.facts import ASchool

SERVICE_FOLDER = Path(__file__).parents[1]
NOW = datetime(2026, 9, 7, 9, 31, tzinfo=UTC)


async def test_the_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    assert await schema_differences(database, metadata) == []


async def as_it_was(
    database: Database,
    school: ASchool,
    pupils: Sequence[EnrolmentChanged],
    tallies: Sequence[Tally],
) -> None:
    """Fill in what the first revision's tables held of a school."""
    async with database.transaction() as db:
        await SCHOOLS.keep(db, [school.changed()])
        await ENROLMENTS.keep(db, pupils)
        for pupil, tally in zip(pupils, tallies, strict=True):
            await db.execute(
                text("""
                    INSERT INTO enrolment_years
                    VALUES (:id, 2026, :attended, :authorised, :unauthorised, :marks)
                """),
                {
                    "id": pupil.enrolment_id,
                    "marks": NO_MARKS,
                    "attended": tally.attended,
                    "authorised": tally.authorised,
                    "unauthorised": tally.unauthorised,
                },
            )
        await db.execute(
            text("INSERT INTO school_freshness VALUES (:id, :now)"),
            {"id": school.id, "now": NOW},
        )


async def test_schools_are_summed_when_their_sums_are_added(
    postgres_url: str, school: ASchool
) -> None:
    """Years of before, and the stamp that the views showed."""
    tallies = [Tally(9, 1), Tally(10), Tally(0, 0, 5), Tally()]
    async with created_database(postgres_url, "reporting_before") as url:
        migrate_by_alembic(SERVICE_FOLDER, url, upto="0001_create_reporting")
        database = Database(url, pool_size=1)
        pupils = [school.enrols() for _ in tallies]
        await as_it_was(database, school, pupils, tallies)

        migrate_by_alembic(SERVICE_FOLDER, url)

        async with database.transaction() as db:
            found = await totals_of(db, [school.id], 2026)
            assert found == {school.id: Totals(Tally(19, 1, 5), 3, persistent=2, severe=1)}
            assert (await schools_by_id(db, [school.id]))[school.id].fresh_at == NOW
            assert await wrong_totals(db) == []
            read_by_the_old = await db.scalar(text("SELECT recorded_at FROM school_freshness"))
            assert read_by_the_old == NOW
            years = await years_of(db, [pupils[0].enrolment_id], [2026])
            assert years[pupils[0].enrolment_id][2026] == YearOfMarks(
                tallies[0], NO_MARKS, b"\xff" * 92
            )
        await database.dispose()
