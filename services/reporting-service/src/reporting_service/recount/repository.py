"""Every statement of recount and rebuild."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from reporting_service.projection.domain import Tally, YearOfMarks
from reporting_service.recount.domain import RowKey


async def years_between(session: SqlSession, after: UUID, upto: UUID) -> dict[RowKey, YearOfMarks]:
    """Which year rows have enrolments after one id, up to and including another?"""
    found = await session.execute(
        text("""
            SELECT enrolment_id, school_year, attended, authorised, unauthorised, marks
            FROM enrolment_years WHERE enrolment_id > :after AND enrolment_id <= :upto
        """),
        {"after": after, "upto": upto},
    )
    return {(row[0], row[1]): YearOfMarks(Tally(*row[2:5]), row[5]) for row in found}


async def years_of_school(
    session: SqlSession, school_id: UUID, expected: Iterable[RowKey]
) -> dict[RowKey, YearOfMarks]:
    """Which year rows have the enrolments at a school, and those that rows are expected for?"""
    found = await session.execute(
        text("""
            SELECT enrolment_id, school_year, attended, authorised, unauthorised, marks
            FROM enrolment_years
            WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[]) || ARRAY(
                SELECT id FROM enrolments WHERE school_id = :school_id
            ))
        """),
        {"school_id": school_id, "enrolments": [enrolment_id for enrolment_id, _ in expected]},
    )
    return {(row[0], row[1]): YearOfMarks(Tally(*row[2:5]), row[5]) for row in found}


async def oldest_transaction(session: SqlSession) -> int:
    """Before which transaction has everything ended? A row of an earlier one is settled."""
    found: int = await session.scalar(
        text("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS xid)")
    )
    return found


async def replace_years(
    session: SqlSession, years: Mapping[RowKey, YearOfMarks], *, unchanged_since: int
) -> None:
    """Store whole rows, except where a row is from a transaction since then.

    `unchanged_since` is an `oldest_transaction`. A row that appeared meanwhile is as good as one
    that changed.
    """
    await session.execute(
        text("""
            INSERT INTO enrolment_years AS year
                   (enrolment_id, school_year, attended, authorised, unauthorised, marks)
            SELECT * FROM unnest(
                CAST(:enrolments AS uuid[]), CAST(:school_years AS smallint[]),
                CAST(:attended AS smallint[]), CAST(:authorised AS smallint[]),
                CAST(:unauthorised AS smallint[]), CAST(:marks AS bytea[])
            )
            ORDER BY 1, 2
            ON CONFLICT (enrolment_id, school_year) DO UPDATE
            SET attended = excluded.attended, authorised = excluded.authorised,
                unauthorised = excluded.unauthorised, marks = excluded.marks
            WHERE age(year.xmin) > age(CAST(:unchanged_since AS xid))
        """),
        {
            "enrolments": [enrolment_id for enrolment_id, _ in years],
            "school_years": [school_year for _, school_year in years],
            "attended": [year.tally.attended for year in years.values()],
            "authorised": [year.tally.authorised for year in years.values()],
            "unauthorised": [year.tally.unauthorised for year in years.values()],
            "marks": [year.marks for year in years.values()],
            "unchanged_since": unchanged_since,
        },
    )
