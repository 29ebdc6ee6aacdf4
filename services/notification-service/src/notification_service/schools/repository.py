"""Statements on the copy of the schools' settings."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.events import SchoolChanged
from attendance_runtime.copies import Copy
from attendance_runtime.database import SqlSession
from notification_service.schools.domain import Hours
from notification_service.schools.tables import schools

SCHOOLS: Final = Copy(schools, of=SchoolChanged, key="school_id")

# Absences and settings come from different topics and may meet. Whoever plans by a school's hours
# holds them still, and whoever changes them waits: no episode is planned by hours already replaced.
_HOLD = text("""
    SELECT pg_advisory_xact_lock_shared(hashtextextended(CAST(id AS text), 0))
    FROM (SELECT unnest(CAST(:ids AS uuid[])) AS id ORDER BY id) AS sorted
""")

_LOCK = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(CAST(id AS text), 0))
    FROM (SELECT unnest(CAST(:ids AS uuid[])) AS id ORDER BY id) AS sorted
""")

_HOURS = text("""
    SELECT id, am_starts_at, pm_starts_at, register_open_minutes, contact_grace_minutes
    FROM schools WHERE id = ANY(CAST(:ids AS uuid[]))
""")


async def take_turn(db: SqlSession, schools: Collection[UUID]) -> None:
    """Wait until nobody plans by these schools' hours; nobody else does until the end."""
    await db.execute(_LOCK, {"ids": sorted(schools)})


async def hold_hours(db: SqlSession, schools: Collection[UUID]) -> dict[UUID, Hours]:
    """Which hours do these schools keep? They stay as they are until the transaction ends."""
    ids = sorted(set(schools))
    await db.execute(_HOLD, {"ids": ids})
    rows = await db.execute(_HOURS, {"ids": ids})
    return {school_id: Hours(*hours) for school_id, *hours in rows}


async def school_of(db: SqlSession, urn: str) -> UUID | None:
    """Which school has this URN?"""
    found = await db.execute(text("SELECT id FROM schools WHERE urn = :urn"), {"urn": urn})
    school: UUID | None = found.scalar()
    return school
