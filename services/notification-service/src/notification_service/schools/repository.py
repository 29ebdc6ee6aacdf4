"""Statements on the copy of the schools' settings."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.events import SchoolChanged
from attendance_runtime.database import SqlSession
from notification_service.schools.domain import Hours

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

_SAVE = text("""
    INSERT INTO schools (id, urn, am_starts_at, pm_starts_at, register_open_minutes, contact_grace_minutes, version)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:urns AS text[]), CAST(:am_starts AS time[]), CAST(:pm_starts AS time[]),
                         CAST(:open_minutes AS integer[]), CAST(:grace_minutes AS integer[]), CAST(:versions AS integer[]))
    ORDER BY 1
    ON CONFLICT (id) DO UPDATE
    SET urn = excluded.urn, am_starts_at = excluded.am_starts_at, pm_starts_at = excluded.pm_starts_at,
        register_open_minutes = excluded.register_open_minutes, contact_grace_minutes = excluded.contact_grace_minutes,
        version = excluded.version
    WHERE schools.version < excluded.version
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


async def save_schools(db: SqlSession, schools: Sequence[SchoolChanged]) -> None:
    """Keep each school's settings unless as new a version is here already."""
    await db.execute(_LOCK, {"ids": [school.school_id for school in schools]})
    await db.execute(
        _SAVE,
        {
            "ids": [school.school_id for school in schools],
            "urns": [school.urn for school in schools],
            "am_starts": [school.am_starts_at for school in schools],
            "pm_starts": [school.pm_starts_at for school in schools],
            "open_minutes": [school.register_open_minutes for school in schools],
            "grace_minutes": [school.contact_grace_minutes for school in schools],
            "versions": [school.version for school in schools],
        },
    )


async def school_of(db: SqlSession, urn: str) -> UUID | None:
    """Which school has this URN?"""
    found = await db.execute(text("SELECT id FROM schools WHERE urn = :urn"), {"urn": urn})
    school: UUID | None = found.scalar()
    return school
