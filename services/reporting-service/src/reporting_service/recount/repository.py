"""Every statement of recount and rebuild."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.measures import Tally
from attendance_runtime.database import SqlSession
from reporting_service.projection.domain import YearOfMarks
from reporting_service.recount.domain import RowKey, WrongTotals

# The enrolments on a school's roll here, and those that are given beside them.
_AT_SCHOOL: Final = """
    CAST(:enrolments AS uuid[]) || ARRAY(SELECT id FROM enrolments WHERE school_id = :school_id)
"""


async def years_between(db: SqlSession, after: UUID, upto: UUID) -> dict[RowKey, YearOfMarks]:
    """Which year rows have enrolments after one id, up to and including another?"""
    found = await db.execute(
        text("""
            SELECT enrolment_id, school_year, attended, authorised, unauthorised, marks, sessions
            FROM enrolment_years WHERE enrolment_id > :after AND enrolment_id <= :upto
        """),
        {"after": after, "upto": upto},
    )
    return {(row[0], row[1]): YearOfMarks(Tally(*row[2:5]), *row[5:]) for row in found}


async def years_of_school(
    db: SqlSession, school_id: UUID, enrolments: Collection[UUID]
) -> dict[RowKey, YearOfMarks]:
    """Which year rows have the enrolments on a school's roll here, and those that are given?"""
    found = await db.execute(
        text(f"""
            SELECT enrolment_id, school_year, attended, authorised, unauthorised, marks, sessions
            FROM enrolment_years WHERE enrolment_id = ANY({_AT_SCHOOL})
        """),  # noqa: S608 - our own words
        {"school_id": school_id, "enrolments": list(enrolments)},
    )
    return {(row[0], row[1]): YearOfMarks(Tally(*row[2:5]), *row[5:]) for row in found}


async def oldest_transaction(db: SqlSession) -> int:
    """Before which transaction has everything ended? A row of an earlier one is settled."""
    found: int = await db.scalar(
        text("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS xid)")
    )
    return found


async def replace_years(
    db: SqlSession, years: Mapping[RowKey, YearOfMarks], *, unchanged_since: int
) -> None:
    """Store whole rows, except where a row is from a transaction since then.

    `unchanged_since` is an `oldest_transaction`. A row that appeared meanwhile is as good as one
    that changed.
    """
    await db.execute(
        text("""
            INSERT INTO enrolment_years AS year
                   (enrolment_id, school_year, attended, authorised, unauthorised, marks, sessions)
            SELECT * FROM unnest(
                CAST(:enrolments AS uuid[]), CAST(:school_years AS smallint[]),
                CAST(:attended AS smallint[]), CAST(:authorised AS smallint[]),
                CAST(:unauthorised AS smallint[]), CAST(:marks AS bytea[]),
                CAST(:sessions AS bytea[])
            )
            ORDER BY 1, 2
            ON CONFLICT (enrolment_id, school_year) DO UPDATE
            SET attended = excluded.attended, authorised = excluded.authorised,
                unauthorised = excluded.unauthorised, marks = excluded.marks,
                sessions = excluded.sessions
            WHERE age(year.xmin) > age(CAST(:unchanged_since AS xid))
        """),
        {
            "enrolments": [enrolment_id for enrolment_id, _ in years],
            "school_years": [school_year for _, school_year in years],
            "attended": [year.tally.attended for year in years.values()],
            "authorised": [year.tally.authorised for year in years.values()],
            "unauthorised": [year.tally.unauthorised for year in years.values()],
            "marks": [year.marks for year in years.values()],
            "sessions": [year.sessions for year in years.values()],
            "unchanged_since": unchanged_since,
        },
    )


# Each year row counted for its school, and each total against it: what is left over is wrong.
_WRONG_TOTALS = text("""
    SELECT school_id, school_year FROM (
        SELECT school_id, school_year, attended, authorised, unauthorised,
               CAST(has_possible AS integer) AS enrolments,
               CAST(is_persistent AS integer) AS persistent, CAST(is_severe AS integer) AS severe
        FROM enrolment_years JOIN enrolments ON enrolments.id = enrolment_id
        UNION ALL
        SELECT school_id, school_year, -attended, -authorised, -unauthorised,
               -enrolments, -persistent, -severe
        FROM school_years
    ) AS both_sides
    GROUP BY school_id, school_year
    HAVING (sum(attended), sum(authorised), sum(unauthorised),
            sum(enrolments), sum(persistent), sum(severe)) <> (0, 0, 0, 0, 0, 0)
    ORDER BY school_id, school_year
""")


async def wrong_totals(db: SqlSession) -> list[WrongTotals]:
    """Which schools' years are not the sum of the years of the enrolments on their rolls?"""
    return [WrongTotals(*row) for row in await db.execute(_WRONG_TOTALS)]


async def sum_totals(db: SqlSession, school_id: UUID, enrolments: Collection[UUID] = ()) -> None:
    """Sum a school's years anew: those on its roll here, and the enrolments that are given.

    The totals are locked first. Whoever moves them meanwhile waits, and adds what this does not see.
    """
    at_school = {"school_id": school_id, "enrolments": list(enrolments)}
    await db.execute(
        text(f"""
            INSERT INTO school_years AS total (school_id, school_year)
            SELECT :school_id, school_year FROM (
                SELECT school_year FROM enrolment_years WHERE enrolment_id = ANY({_AT_SCHOOL})
                UNION SELECT school_year FROM school_years WHERE school_id = :school_id
            ) AS known
            ORDER BY school_year
            ON CONFLICT (school_id, school_year) DO UPDATE SET school_year = excluded.school_year
        """),  # noqa: S608 - our own words
        at_school,
    )
    await db.execute(
        text(f"""
            UPDATE school_years AS total
            SET (attended, authorised, unauthorised, enrolments, persistent, severe) = (
                SELECT coalesce(sum(attended), 0), coalesce(sum(authorised), 0),
                       coalesce(sum(unauthorised), 0), count(*) FILTER (WHERE has_possible),
                       count(*) FILTER (WHERE is_persistent), count(*) FILTER (WHERE is_severe)
                FROM enrolment_years AS year
                WHERE year.enrolment_id = ANY({_AT_SCHOOL}) AND year.school_year = total.school_year
            )
            WHERE school_id = :school_id
        """),  # noqa: S608 - our own words
        at_school,
    )
