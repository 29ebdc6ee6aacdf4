"""The tables as migrated are the tables that the code names, and nothing in them is lost."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from attendance_runtime.database import Database
from attendance_runtime.testing import created_database, migrate_by_alembic, schema_differences
from reporting_service.projection.domain import Tally, Totals
from reporting_service.projection.repository import totals_of
from reporting_service.recount.repository import wrong_totals
from reporting_service.schools.repository import schools_by_id
from reporting_service.tables import metadata
from reporting_service.testing import ASchool, tell

SERVICE_FOLDER = Path(__file__).parents[1]
NOW = datetime(2026, 9, 7, 9, 31, tzinfo=UTC)


async def test_the_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    assert await schema_differences(database, metadata) == []


async def test_schools_are_summed_when_their_sums_are_added(
    postgres_url: str, school: ASchool
) -> None:
    """Years of before, and the stamp that the views showed."""
    tallies = [Tally(9, 1), Tally(10), Tally(0, 0, 5), Tally()]
    async with created_database(postgres_url, "reporting_before") as url:
        migrate_by_alembic(SERVICE_FOLDER, url, upto="0001_create_reporting")
        database = Database(url, pool_size=1)
        pupils = [school.enrols() for _ in tallies]
        async with database.transaction() as session:
            await tell(session, school.changed(), *pupils, now=NOW)
            for pupil, tally in zip(pupils, tallies, strict=True):
                await session.execute(
                    text("""
                        UPDATE enrolment_years SET attended = :attended,
                               authorised = :authorised, unauthorised = :unauthorised
                        WHERE enrolment_id = :id
                    """),
                    {
                        "id": pupil.enrolment_id,
                        "attended": tally.attended,
                        "authorised": tally.authorised,
                        "unauthorised": tally.unauthorised,
                    },
                )
            await session.execute(
                text("INSERT INTO school_freshness VALUES (:id, :now)"),
                {"id": school.id, "now": NOW},
            )

        migrate_by_alembic(SERVICE_FOLDER, url)

        async with database.transaction() as session:
            found = await totals_of(session, [school.id], 2026)
            assert found == {school.id: Totals(Tally(19, 1, 5), 3, persistent=2, severe=1)}
            assert (await schools_by_id(session, [school.id]))[school.id].fresh_at == NOW
            assert await wrong_totals(session) == []
            read_by_the_old = await session.scalar(text("SELECT recorded_at FROM school_freshness"))
            assert read_by_the_old == NOW
        await database.dispose()
