"""Every statement on the year rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from reporting_service.projection.domain import (
    COUNTS_AS,
    NO_MARKS,
    MarkChanges,
    Tally,
    YearOfMarks,
)

_ATTENDED, _AUTHORISED, _UNAUTHORISED = COUNTS_AS

# The counters move by what the stored mark and the new one count as, never by what the event says
# was there before: an event that comes twice changes nothing.
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
            SELECT enrolment_id, get_byte(:numbers, CAST(position - 1 AS integer)) AS number
            FROM unnest(CAST(:enrolments AS uuid[]))
                WITH ORDINALITY AS given (enrolment_id, position)
        ) AS sent
        WHERE year.enrolment_id = sent.enrolment_id AND year.school_year = :school_year
        RETURNING 1
    )
    SELECT count(*) FROM updated
""")


async def update_years(session: SqlSession, changes: MarkChanges) -> int:
    """Store marks and move the counters with them; tell how many of the rows were there."""
    counted = await session.scalar(
        _UPDATE_YEARS,
        {
            "enrolments": list(changes.enrolments),
            "numbers": changes.numbers,
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


async def note_freshness(session: SqlSession, newest: Mapping[UUID, datetime]) -> None:
    """Remember when each school's newest register was recorded; the stamp never goes back."""
    await session.execute(
        text("""
            INSERT INTO school_freshness AS known (school_id, recorded_at)
            SELECT school_id, recorded_at
            FROM unnest(CAST(:schools AS uuid[]), CAST(:moments AS timestamptz[]))
                 AS sent (school_id, recorded_at)
            ORDER BY school_id
            ON CONFLICT (school_id) DO UPDATE SET recorded_at = excluded.recorded_at
            WHERE known.recorded_at < excluded.recorded_at
        """),
        {"schools": list(newest), "moments": list(newest.values())},
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
