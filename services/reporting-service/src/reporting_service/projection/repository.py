"""Every statement on the year rows and the schools' totals."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_contracts.calendar import school_year, slot
from attendance_contracts.counting import HOURS_UNKNOWN, OnRoll, SchoolHours, SessionAhead
from attendance_contracts.measures import Tally, Totals
from attendance_runtime.database import SqlSession
from reporting_service.projection.domain import (
    COUNTS_AS,
    NO_MARKS,
    NOWHERE,
    TO_COME,
    KeptYear,
    MarkChanges,
    YearOfMarks,
)

_ATTENDED, _AUTHORISED, _UNAUTHORISED = COUNTS_AS

# What a moved row adds to its school's totals, and how it is added.
_MOVED: Final = """
    new.attended - old.attended AS attended,
    new.authorised - old.authorised AS authorised,
    new.unauthorised - old.unauthorised AS unauthorised,
    CAST(new.has_possible AS integer) - CAST(old.has_possible AS integer) AS enrolments,
    CAST(new.is_persistent AS integer) - CAST(old.is_persistent AS integer) AS persistent,
    CAST(new.is_severe AS integer) - CAST(old.is_severe AS integer) AS severe
"""
_SUMS: Final = """
    sum(attended), sum(authorised), sum(unauthorised),
    sum(enrolments), sum(persistent), sum(severe)
"""
_ADD: Final = """
    ON CONFLICT (school_id, school_year) DO UPDATE
    SET recorded_at = greatest(total.recorded_at, excluded.recorded_at),
        attended = total.attended + excluded.attended,
        authorised = total.authorised + excluded.authorised,
        unauthorised = total.unauthorised + excluded.unauthorised,
        enrolments = total.enrolments + excluded.enrolments,
        persistent = total.persistent + excluded.persistent,
        severe = total.severe + excluded.severe
"""

# The counters move by what the stored mark and the new one count as, never by what the event says
# was there before: an event that comes twice changes nothing. In a session that is not the child's
# they do not move. The schools' totals move by what the rows moved, and with them: the totals are
# exact whenever they are read.
_UPDATE_YEARS = text(f"""
    WITH updated AS (
        UPDATE enrolment_years AS year
        SET marks = set_byte(year.marks, :slot, sent.number),
            attended = year.attended + get_bit(year.sessions, :slot)
                * (get_byte(:attended, sent.number)
                   - get_byte(:attended, get_byte(year.marks, :slot))),
            authorised = year.authorised + get_bit(year.sessions, :slot)
                * (get_byte(:authorised, sent.number)
                   - get_byte(:authorised, get_byte(year.marks, :slot))),
            unauthorised = year.unauthorised + get_bit(year.sessions, :slot)
                * (get_byte(:unauthorised, sent.number)
                   - get_byte(:unauthorised, get_byte(year.marks, :slot)))
        FROM (
            SELECT enrolment_id, school, get_byte(:numbers, CAST(position - 1 AS integer)) AS number
            FROM unnest(CAST(:enrolments AS uuid[]), CAST(:schools AS smallint[]))
                WITH ORDINALITY AS given (enrolment_id, school, position)
        ) AS sent
        WHERE year.enrolment_id = sent.enrolment_id AND year.school_year = :school_year
        RETURNING sent.school, {_MOVED}
    ), summed AS (
        INSERT INTO school_years AS total (school_id, school_year, recorded_at, attended,
                authorised, unauthorised, enrolments, persistent, severe)
        SELECT school_id, :school_year, recorded_at, {_SUMS}
        FROM unnest(CAST(:school_ids AS uuid[]), CAST(:moments AS timestamptz[]))
            WITH ORDINALITY AS newest (school_id, recorded_at, school)
        JOIN updated USING (school)
        GROUP BY school_id, recorded_at
        ORDER BY school_id
        {_ADD}
    )
    SELECT count(*) FROM updated
""")  # noqa: S608 - our own words


async def update_years(db: SqlSession, changes: MarkChanges) -> int:
    """Store marks, move counters and totals with them; tell how many of the rows were there."""
    counted = await db.scalar(
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
    db: SqlSession, enrolments: Sequence[UUID], school_years: Sequence[int]
) -> None:
    """Add empty rows, without a session, for enrolments and school years that have none yet."""
    await db.execute(
        text("""
            INSERT INTO enrolment_years (enrolment_id, school_year, marks, sessions)
            SELECT enrolment_id, school_year, :no_marks, :nowhere
            FROM unnest(CAST(:enrolments AS uuid[]), CAST(:school_years AS smallint[]))
                 AS sent (enrolment_id, school_year)
            ORDER BY enrolment_id, school_year
            ON CONFLICT DO NOTHING
        """),
        {
            "enrolments": list(enrolments),
            "school_years": list(school_years),
            "no_marks": NO_MARKS,
            "nowhere": NOWHERE,
        },
    )


async def lock_years_of(db: SqlSession, enrolments: Collection[UUID]) -> list[KeptYear]:
    """How do the years of these enrolments stand? Locked; without those not on the roll here."""
    return await _lock_years(
        db,
        "year.enrolment_id = ANY(CAST(:enrolments AS uuid[]))",
        {"enrolments": list(enrolments)},
    )


async def lock_years_at(db: SqlSession, school_id: UUID, year: int) -> list[KeptYear]:
    """How does a school year stand of all who ever were on a school's roll? Locked."""
    return await _lock_years(
        db,
        "enrolment.school_id = :school_id AND year.school_year = :school_year",
        {"school_id": school_id, "school_year": year},
    )


async def lock_planned(db: SqlSession, ahead: Collection[SessionAhead]) -> list[KeptYear]:
    """How do the years stand that have a planned mark in one of these sessions? Locked."""
    return await _lock_years(
        db,
        """
            enrolment.school_id = ANY(CAST(:schools AS uuid[]))
            AND year.school_year = ANY(CAST(:school_years AS smallint[]))
            AND EXISTS (
                SELECT FROM unnest(CAST(:schools AS uuid[]), CAST(:school_years AS smallint[]),
                                   CAST(:slots AS integer[]))
                     AS planned (school_id, school_year, slot)
                WHERE planned.school_id = enrolment.school_id
                  AND planned.school_year = year.school_year
                  AND get_byte(year.marks, planned.slot) >= :to_come
            )
        """,
        {
            "schools": [one.school_id for one in ahead],
            "school_years": [school_year(one.day) for one in ahead],
            "slots": [slot(one.day, one.session) for one in ahead],
            "to_come": TO_COME,
        },
    )


async def _lock_years(db: SqlSession, which: str, asked: Mapping[str, object]) -> list[KeptYear]:
    found = await db.execute(
        text(f"""
            SELECT year.enrolment_id, year.school_year, attended, authorised, unauthorised, marks,
                   sessions, enrolment.school_id, starts_on, ends_on, slots,
                   am_starts_at, pm_starts_at
            FROM enrolment_years AS year
            JOIN enrolments AS enrolment ON enrolment.id = year.enrolment_id
            LEFT JOIN calendars ON calendars.school_id = enrolment.school_id
                               AND calendars.school_year = year.school_year
            LEFT JOIN schools ON schools.id = enrolment.school_id
            WHERE {which}
            ORDER BY year.enrolment_id, year.school_year
            FOR NO KEY UPDATE OF year
        """),  # noqa: S608 - our own words
        asked,
    )
    return [_kept(row) for row in found.mappings()]


def _kept(row: RowMapping) -> KeptYear:
    tally = Tally(row["attended"], row["authorised"], row["unauthorised"])
    starts = (row["am_starts_at"], row["pm_starts_at"])
    return KeptYear(
        row["enrolment_id"],
        row["school_year"],
        YearOfMarks(tally, row["marks"], row["sessions"]),
        row["school_id"],
        OnRoll(row["starts_on"], row["ends_on"]),
        tuple(row["slots"] or ()),
        HOURS_UNKNOWN if None in starts else SchoolHours(*starts),
    )


# As above: the totals move with the rows.
_REPLACE_FIGURES = text(f"""
    WITH updated AS (
        UPDATE enrolment_years AS year
        SET marks = sent.marks, sessions = sent.sessions, attended = sent.attended,
            authorised = sent.authorised, unauthorised = sent.unauthorised
        FROM unnest(
            CAST(:enrolments AS uuid[]), CAST(:school_years AS smallint[]),
            CAST(:schools AS uuid[]), CAST(:marks AS bytea[]), CAST(:sessions AS bytea[]),
            CAST(:attended AS smallint[]), CAST(:authorised AS smallint[]),
            CAST(:unauthorised AS smallint[])
        ) AS sent (enrolment_id, school_year, school_id, marks, sessions, attended, authorised,
                   unauthorised)
        WHERE year.enrolment_id = sent.enrolment_id AND year.school_year = sent.school_year
        RETURNING sent.school_id, sent.school_year, {_MOVED}
    )
    INSERT INTO school_years AS total (school_id, school_year, attended, authorised, unauthorised,
            enrolments, persistent, severe)
    SELECT school_id, school_year, {_SUMS} FROM updated
    WHERE (attended, authorised, unauthorised) <> (0, 0, 0)
    GROUP BY school_id, school_year
    ORDER BY school_id, school_year
    {_ADD}
""")  # noqa: S608 - our own words


async def replace_figures(db: SqlSession, figured: Sequence[tuple[KeptYear, YearOfMarks]]) -> None:
    """Let rows that are locked stand as they are figured now, and move their schools' totals."""
    await db.execute(
        _REPLACE_FIGURES,
        {
            "enrolments": [kept.enrolment_id for kept, _ in figured],
            "school_years": [kept.school_year for kept, _ in figured],
            "schools": [kept.school_id for kept, _ in figured],
            "marks": [year.marks for _, year in figured],
            "sessions": [year.sessions for _, year in figured],
            "attended": [year.tally.attended for _, year in figured],
            "authorised": [year.tally.authorised for _, year in figured],
            "unauthorised": [year.tally.unauthorised for _, year in figured],
        },
    )


async def years_of(
    db: SqlSession, enrolments: Sequence[UUID], school_years: Sequence[int]
) -> dict[UUID, dict[int, YearOfMarks]]:
    """What has been marked in these enrolments' years? By enrolment, then school year."""
    found = await db.execute(
        text("""
            SELECT enrolment_id, school_year, attended, authorised, unauthorised, marks, sessions
            FROM enrolment_years
            WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[]))
              AND school_year = ANY(CAST(:school_years AS smallint[]))
        """),
        {"enrolments": list(enrolments), "school_years": list(school_years)},
    )
    years: dict[UUID, dict[int, YearOfMarks]] = {enrolment_id: {} for enrolment_id in enrolments}
    for enrolment_id, year, *counters, marks, sessions in found:
        years[enrolment_id][year] = YearOfMarks(Tally(*counters), marks, sessions)
    return years


async def totals_of(
    db: SqlSession, schools: Sequence[UUID], school_year: int
) -> dict[UUID, Totals]:
    """What do these schools' enrolments add up to? Schools without a mark that year are left out."""
    found = await db.execute(
        text("""
            SELECT school_id, attended, authorised, unauthorised, enrolments, persistent, severe
            FROM school_years
            WHERE school_id = ANY(CAST(:schools AS uuid[])) AND school_year = :school_year
        """),
        {"schools": list(schools), "school_year": school_year},
    )
    return {row[0]: Totals(Tally(*row[1:4]), *row[4:]) for row in found}
