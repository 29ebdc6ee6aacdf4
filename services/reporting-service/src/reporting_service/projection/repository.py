"""Every statement on the year rows and the schools' totals."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from reporting_service.projection.domain import (
    COUNTS_AS,
    NO_MARKS,
    MarkChanges,
    Tally,
    Totals,
    YearOfMarks,
)

_ATTENDED, _AUTHORISED, _UNAUTHORISED = COUNTS_AS

# The counters move by what the stored mark and the new one count as, never by what the event says
# was there before: an event that comes twice changes nothing. The schools' totals move by what the
# rows moved, and with them: the totals are exact whenever they are read.
_UPDATE_YEARS = text("""
    WITH updated AS (
        UPDATE enrolment_years AS year
        SET marks = set_byte(year.marks, :slot, sent.number),
            attended = year.attended + get_byte(:attended, sent.number)
                - get_byte(:attended, get_byte(year.marks, :slot)),
            authorised = year.authorised + get_byte(:authorised, sent.number)
                - get_byte(:authorised, get_byte(year.marks, :slot)),
            unauthorised = year.unauthorised + get_byte(:unauthorised, sent.number)
                - get_byte(:unauthorised, get_byte(year.marks, :slot))
        FROM (
            SELECT enrolment_id, school, get_byte(:numbers, CAST(position - 1 AS integer)) AS number
            FROM unnest(CAST(:enrolments AS uuid[]), CAST(:schools AS smallint[]))
                WITH ORDINALITY AS given (enrolment_id, school, position)
        ) AS sent
        WHERE year.enrolment_id = sent.enrolment_id AND year.school_year = :school_year
        RETURNING sent.school,
            new.attended - old.attended AS attended,
            new.authorised - old.authorised AS authorised,
            new.unauthorised - old.unauthorised AS unauthorised,
            CAST(new.has_possible AS integer) - CAST(old.has_possible AS integer) AS enrolments,
            CAST(new.is_persistent AS integer) - CAST(old.is_persistent AS integer) AS persistent,
            CAST(new.is_severe AS integer) - CAST(old.is_severe AS integer) AS severe
    ), summed AS (
        INSERT INTO school_years AS total (school_id, school_year, recorded_at, attended,
                authorised, unauthorised, enrolments, persistent, severe)
        SELECT school_id, :school_year, recorded_at, sum(attended), sum(authorised),
               sum(unauthorised), sum(enrolments), sum(persistent), sum(severe)
        FROM unnest(CAST(:school_ids AS uuid[]), CAST(:moments AS timestamptz[]))
            WITH ORDINALITY AS newest (school_id, recorded_at, school)
        JOIN updated USING (school)
        GROUP BY school_id, recorded_at
        ORDER BY school_id
        ON CONFLICT (school_id, school_year) DO UPDATE
        SET recorded_at = greatest(total.recorded_at, excluded.recorded_at),
            attended = total.attended + excluded.attended,
            authorised = total.authorised + excluded.authorised,
            unauthorised = total.unauthorised + excluded.unauthorised,
            enrolments = total.enrolments + excluded.enrolments,
            persistent = total.persistent + excluded.persistent,
            severe = total.severe + excluded.severe
    )
    SELECT count(*) FROM updated
""")


async def update_years(session: SqlSession, changes: MarkChanges) -> int:
    """Store marks, move counters and totals with them; tell how many of the rows were there."""
    counted = await session.scalar(
        _UPDATE_YEARS,
        {
            "enrolments": list(changes.enrolments),
            "numbers": changes.numbers,
            "schools": list(changes.schools),
            "school_ids": list(changes.newest),
            "moments": list(changes.newest.values()),
            "school_year": changes.school_year,
            "slot": changes.slot,
            "attended": _ATTENDED,
            "authorised": _AUTHORISED,
            "unauthorised": _UNAUTHORISED,
        },
    )
    return int(counted)


async def add_years(
    session: SqlSession, enrolments: Sequence[UUID], school_years: Sequence[int]
) -> None:
    """Add empty rows for enrolments and school years that have none yet."""
    await session.execute(
        text("""
            INSERT INTO enrolment_years (enrolment_id, school_year, marks)
            SELECT enrolment_id, school_year, :no_marks
            FROM unnest(CAST(:enrolments AS uuid[]), CAST(:school_years AS smallint[]))
                 AS sent (enrolment_id, school_year)
            ORDER BY enrolment_id, school_year
            ON CONFLICT DO NOTHING
        """),
        {
            "enrolments": list(enrolments),
            "school_years": list(school_years),
            "no_marks": NO_MARKS,
        },
    )


async def years_of(
    session: SqlSession, enrolments: Sequence[UUID], school_years: Sequence[int]
) -> dict[UUID, dict[int, YearOfMarks]]:
    """What has been marked in these enrolments' years? By enrolment, then school year."""
    found = await session.execute(
        text("""
            SELECT enrolment_id, school_year, attended, authorised, unauthorised, marks
            FROM enrolment_years
            WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[]))
              AND school_year = ANY(CAST(:school_years AS smallint[]))
        """),
        {"enrolments": list(enrolments), "school_years": list(school_years)},
    )
    years: dict[UUID, dict[int, YearOfMarks]] = {enrolment_id: {} for enrolment_id in enrolments}
    for enrolment_id, school_year, *counters, marks in found:
        years[enrolment_id][school_year] = YearOfMarks(Tally(*counters), marks)
    return years


async def totals_of(
    session: SqlSession, schools: Sequence[UUID], school_year: int
) -> dict[UUID, Totals]:
    """What do these schools' enrolments add up to? Schools without a mark that year are left out."""
    found = await session.execute(
        text("""
            SELECT school_id, attended, authorised, unauthorised, enrolments, persistent, severe
            FROM school_years
            WHERE school_id = ANY(CAST(:schools AS uuid[])) AND school_year = :school_year
        """),
        {"schools": list(schools), "school_year": school_year},
    )
    return {row[0]: Totals(Tally(*row[1:4]), *row[4:]) for row in found}
