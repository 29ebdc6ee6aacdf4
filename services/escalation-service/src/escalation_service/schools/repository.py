"""Every statement on the copies of schools and calendars."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.counting import SchoolHours
from attendance_contracts.events import CalendarChanged, SchoolChanged
from attendance_runtime.copies import Copy
from attendance_runtime.database import SqlSession
from escalation_service.schools.tables import calendars, schools

SCHOOLS: Final = Copy(schools, of=SchoolChanged, key="school_id")

CALENDARS: Final = Copy(
    calendars,
    of=CalendarChanged,
    key=("school_id", "school_year"),
    columns={"slots": lambda calendar: sorted(calendar.slots)},
)


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
