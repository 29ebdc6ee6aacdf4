"""Every statement on the copies of schools and calendars."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.events import CalendarChanged, SchoolChanged
from attendance_runtime.database import SqlSession
from reporting_service.schools.domain import School


async def save_schools(db: SqlSession, schools: Sequence[SchoolChanged]) -> None:
    """Keep each school's settings unless a version as new is already here."""
    await db.execute(
        text("""
            INSERT INTO schools AS school (id, urn, name, am_starts_at, pm_starts_at,
                    register_open_minutes, hours_per_day, attendance_lead, version)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:urns AS text[]), CAST(:names AS text[]),
                CAST(:am_starts AS time[]), CAST(:pm_starts AS time[]),
                CAST(:open_minutes AS integer[]), CAST(:hours AS numeric[]),
                CAST(:leads AS text[]), CAST(:versions AS integer[])
            )
            ORDER BY 1
            ON CONFLICT (id) DO UPDATE
            SET urn = excluded.urn, name = excluded.name, am_starts_at = excluded.am_starts_at,
                pm_starts_at = excluded.pm_starts_at,
                register_open_minutes = excluded.register_open_minutes,
                hours_per_day = excluded.hours_per_day,
                attendance_lead = excluded.attendance_lead, version = excluded.version
            WHERE school.version < excluded.version
        """),
        {
            "ids": [school.school_id for school in schools],
            "urns": [school.urn for school in schools],
            "names": [school.name for school in schools],
            "am_starts": [school.am_starts_at for school in schools],
            "pm_starts": [school.pm_starts_at for school in schools],
            "open_minutes": [school.register_open_minutes for school in schools],
            "hours": [Decimal(str(school.hours_per_day)) for school in schools],
            "leads": [school.attendance_lead for school in schools],
            "versions": [school.version for school in schools],
        },
    )


async def save_calendar(db: SqlSession, calendar: CalendarChanged) -> bool:
    """Keep a school year's sessions, ascending, if they are newer; are they others than known?"""
    changed = await db.scalar(
        text("""
            INSERT INTO calendars AS calendar (school_id, school_year, slots, version)
            VALUES (:school_id, :school_year, CAST(:slots AS smallint[]), :version)
            ON CONFLICT (school_id, school_year) DO UPDATE
            SET slots = excluded.slots, version = excluded.version
            WHERE calendar.version < excluded.version
            RETURNING new.slots IS DISTINCT FROM old.slots
        """),
        {
            "school_id": calendar.school_id,
            "school_year": calendar.school_year,
            "slots": sorted(calendar.slots),
            "version": calendar.version,
        },
    )
    return bool(changed)


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
