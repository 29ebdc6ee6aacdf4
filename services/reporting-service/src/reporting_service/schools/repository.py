"""Every statement on the copies of schools and calendars."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.events import CalendarChanged, SchoolChanged
from attendance_runtime.copies import Copy
from attendance_runtime.database import SqlSession
from reporting_service.schools.domain import School
from reporting_service.schools.tables import calendars, schools

SCHOOLS: Final = Copy(schools, of=SchoolChanged, key="school_id")

CALENDARS: Final = Copy(
    calendars,
    of=CalendarChanged,
    key=("school_id", "school_year"),
    columns={"slots": lambda calendar: sorted(calendar.slots)},
)


async def school_id_of(db: SqlSession, urn: str) -> UUID | None:
    """Which school has this URN?"""
    found: UUID | None = await db.scalar(
        text("SELECT id FROM schools WHERE urn = :urn"), {"urn": urn}
    )
    return found


async def schools_by_id(db: SqlSession, schools: Sequence[UUID]) -> dict[UUID, School]:
    """Which settings and how fresh figures do these schools have? Unknown ids are left out."""
    found = await db.execute(
        text("""
            SELECT school.id, urn, name, am_starts_at, pm_starts_at, register_open_minutes,
                   hours_per_day, attendance_lead, (
                       SELECT max(recorded_at) FROM school_years WHERE school_id = school.id
                   ) AS fresh_at
            FROM schools AS school
            WHERE school.id = ANY(CAST(:schools AS uuid[]))
        """),
        {"schools": list(schools)},
    )
    return {row["id"]: School(**row) for row in found.mappings()}


async def sessions_of(
    db: SqlSession, schools: Sequence[UUID], school_years: Sequence[int]
) -> dict[UUID, dict[int, Sequence[int]]]:
    """In which slots, ascending, do these schools meet? By school, then school year."""
    found = await db.execute(
        text("""
            SELECT school_id, school_year, slots FROM calendars
            WHERE school_id = ANY(CAST(:schools AS uuid[]))
              AND school_year = ANY(CAST(:school_years AS smallint[]))
        """),
        {"schools": list(schools), "school_years": list(school_years)},
    )
    sessions: dict[UUID, dict[int, Sequence[int]]] = {school_id: {} for school_id in schools}
    for row in found:
        sessions[row.school_id][row.school_year] = row.slots
    return sessions
