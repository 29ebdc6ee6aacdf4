"""Every statement on the copies of schools and calendars."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.counting import SchoolHours
from attendance_contracts.events import CalendarChanged, SchoolChanged
from attendance_runtime.database import SqlSession


async def save_schools(db: SqlSession, schools: Sequence[SchoolChanged]) -> list[tuple[UUID, bool]]:
    """Keep what is as new as known; which schools are those, and is their authority another one?

    What is known already is kept once more: it brings columns that were added since.
    """
    found = await db.execute(
        text("""
            INSERT INTO schools AS school (id, urn, authority_code, attendance_lead,
                                           am_starts_at, pm_starts_at, version)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:urns AS text[]), CAST(:authorities AS text[]),
                CAST(:leads AS text[]), CAST(:am_starts AS time[]), CAST(:pm_starts AS time[]),
                CAST(:versions AS integer[])
            )
            ORDER BY 1
            ON CONFLICT (id) DO UPDATE
            SET urn = excluded.urn, authority_code = excluded.authority_code,
                attendance_lead = excluded.attendance_lead,
                am_starts_at = excluded.am_starts_at, pm_starts_at = excluded.pm_starts_at,
                version = excluded.version
            WHERE school.version <= excluded.version
            RETURNING new.id, new.authority_code IS DISTINCT FROM old.authority_code
        """),
        {
            "ids": [school.school_id for school in schools],
            "urns": [school.urn for school in schools],
            "authorities": [school.authority_code for school in schools],
            "leads": [school.attendance_lead for school in schools],
            "am_starts": [school.am_starts_at for school in schools],
            "pm_starts": [school.pm_starts_at for school in schools],
            "versions": [school.version for school in schools],
        },
    )
    return [(row[0], row[1]) for row in found]


async def save_calendar(db: SqlSession, calendar: CalendarChanged) -> bool:
    """Keep a school year's sessions if they are newer; are they others than were known?"""
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


async def hours_of(db: SqlSession, schools: Collection[UUID]) -> Mapping[UUID, SchoolHours]:
    """When do these schools' sessions begin? Schools that are not known are left out."""
    found = await db.execute(
        text("""
            SELECT id, am_starts_at, pm_starts_at FROM schools
            WHERE id = ANY(CAST(:schools AS uuid[]))
        """),
        {"schools": list(schools)},
    )
    return {school_id: SchoolHours(*starts) for school_id, *starts in found}


async def leads_of(db: SqlSession, schools: Collection[UUID]) -> Mapping[UUID, str]:
    """Who leads on attendance at these schools? Schools without a named lead are left out."""
    found = await db.execute(
        text("""
            SELECT id, attendance_lead FROM schools
            WHERE id = ANY(CAST(:schools AS uuid[])) AND attendance_lead IS NOT NULL
        """),
        {"schools": list(schools)},
    )
    return {row[0]: row[1] for row in found}


async def school_id_of(db: SqlSession, urn: str) -> UUID | None:
    """Which school has this URN?"""
    found: UUID | None = await db.scalar(
        text("SELECT id FROM schools WHERE urn = :urn"), {"urn": urn}
    )
    return found
