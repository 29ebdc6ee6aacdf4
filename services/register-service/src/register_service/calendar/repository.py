"""Every statement on calendars, each named for the question it answers."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_contracts.calendar import SchoolCalendar, Session, school_year, slot
from attendance_contracts.counting import SchoolHours
from attendance_runtime.database import SqlSession
from register_service.calendar.domain import Closure, KeptYear, SchoolSession, SessionAt, Term

YearKey = tuple[UUID, int]


async def load_calendar(db: SqlSession, school_id: UUID, school_year: int) -> SchoolCalendar | None:
    """Which sessions does a school hold in a school year? None: it has not said yet."""
    found = await db.execute(
        text("""
            SELECT slots, version FROM calendars
            WHERE school_id = :school_id AND school_year = :school_year
        """),
        {"school_id": school_id, "school_year": school_year},
    )
    row = found.one_or_none()
    return None if row is None else SchoolCalendar(school_year, frozenset(row[0]), row[1])


async def find_years(db: SqlSession, keys: Sequence[YearKey]) -> dict[YearKey, KeptYear]:
    """How do these schools' years stand?"""
    found = await db.execute(
        text("""
            SELECT school_id, school_year, terms, closures, slots, version
            FROM unnest(CAST(:school_ids AS uuid[]), CAST(:school_years AS smallint[]))
                 AS sent (school_id, school_year)
            JOIN calendars USING (school_id, school_year)
        """),
        {
            "school_ids": [school_id for school_id, _ in keys],
            "school_years": [school_year for _, school_year in keys],
        },
    )
    return {(row["school_id"], row["school_year"]): _kept(row) for row in found.mappings()}


async def save_years(db: SqlSession, years: Sequence[KeptYear]) -> None:
    """Keep school years as they are now; whoever calls has locked their schools."""
    await db.execute(
        text("""
            INSERT INTO calendars (school_id, school_year, terms, closures, slots, version)
            SELECT school_id, school_year, terms, closures,
                   CAST(string_to_array(slots, ',') AS smallint[]), version
            FROM unnest(
                CAST(:school_ids AS uuid[]), CAST(:school_years AS smallint[]),
                CAST(CAST(:terms AS text[]) AS jsonb[]),
                CAST(CAST(:closures AS text[]) AS jsonb[]),
                CAST(:slots AS text[]), CAST(:versions AS integer[])
            ) AS sent (school_id, school_year, terms, closures, slots, version)
            ON CONFLICT (school_id, school_year) DO UPDATE
            SET terms = excluded.terms, closures = excluded.closures, slots = excluded.slots,
                version = excluded.version
        """),
        {
            "school_ids": [year.school_id for year in years],
            "school_years": [year.year for year in years],
            "terms": [json.dumps([_term_row(term) for term in year.terms]) for year in years],
            "closures": [
                json.dumps([_closure_row(day) for day in year.closures]) for year in years
            ],
            "slots": [",".join(map(str, year.slots)) for year in years],
            "versions": [year.version for year in years],
        },
    )


async def years_after(
    db: SqlSession, after: UUID, *, schools: int, school_id: UUID | None
) -> list[KeptYear]:
    """Which years have so many next schools, or this one? By school and year, to rebuild copies."""
    found = await db.execute(
        text("""
            SELECT school_id, school_year, terms, closures, slots, version FROM calendars
            WHERE school_id IN (
                SELECT id FROM schools
                WHERE id > :after AND (CAST(:school_id AS uuid) IS NULL OR id = :school_id)
                  AND EXISTS (SELECT FROM calendars WHERE school_id = schools.id)
                ORDER BY id LIMIT :schools
            )
            ORDER BY school_id, school_year
        """),
        {"after": after, "schools": schools, "school_id": school_id},
    )
    return [_kept(row) for row in found.mappings()]


def _term_row(term: Term) -> dict[str, str]:
    return {"from": term.first.isoformat(), "to": term.last.isoformat()}


def _closure_row(closure: Closure) -> dict[str, str | None]:
    return {
        "date": closure.day.isoformat(),
        "session": closure.session,
        "reason": closure.reason,
    }


def _kept(row: RowMapping) -> KeptYear:
    return KeptYear(
        school_id=row["school_id"],
        year=row["school_year"],
        terms=tuple(
            Term(date.fromisoformat(term["from"]), date.fromisoformat(term["to"]))
            for term in row["terms"]
        ),
        closures=tuple(
            Closure(
                date.fromisoformat(closed["date"]),
                closed["reason"],
                Session(closed["session"]) if closed["session"] else None,
            )
            for closed in row["closures"]
        ),
        slots=tuple(row["slots"]),
        version=row["version"],
    )


# Built once: it stands before every register.
_SCHOOL_SESSIONS = text("""
    SELECT urn, asked.date, asked.session, schools.id, schools.roll_version, schools.contact_codes,
           slot = ANY(calendars.slots) AS taught,
           -- A closure is looked for only where no session is held.
           NOT slot = ANY(calendars.slots) AND EXISTS (
               SELECT FROM jsonb_to_recordset(closures) AS closed (date date, session text)
               WHERE closed.date = asked.date AND coalesce(closed.session, asked.session) = asked.session
           ) AS closed, schools.am_starts_at, schools.pm_starts_at
    FROM unnest(CAST(:urns AS text[]), CAST(:days AS date[]), CAST(:sessions AS text[]),
                CAST(:years AS integer[]), CAST(:slots AS smallint[]))
         AS asked (urn, date, session, year, slot)
    JOIN schools USING (urn)
    LEFT JOIN calendars ON calendars.school_id = schools.id AND school_year = year
""")


async def find_school_sessions(
    db: SqlSession, asked: Collection[SessionAt]
) -> dict[SessionAt, SchoolSession]:
    """What do schools' settings and calendars say of these sessions? No entry: no such school."""
    found = await db.execute(
        _SCHOOL_SESSIONS,
        {
            "urns": [at.urn for at in asked],
            "days": [at.day for at in asked],
            "sessions": [at.session.value for at in asked],
            "years": [school_year(at.day) for at in asked],
            "slots": [slot(at.day, at.session) for at in asked],
        },
    )
    sessions: dict[SessionAt, SchoolSession] = {}
    for urn, day, half, school, version, codes, taught, closed, *starts in found:
        at = SessionAt(urn, day, Session(half))
        sessions[at] = SchoolSession(
            school_id=school,
            roll_version=version,
            contact_codes=frozenset(codes),
            taught=taught,
            closed=bool(closed),
            begins_at=SchoolHours(*starts).begins_at(day, at.session),
        )
    return sessions
