"""Every statement of the caseload that belongs to no other subject."""

from datetime import date
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession


async def allocated_children(
    db: SqlSession, worker: str, *, today: date, after: UUID, limit: int
) -> list[UUID]:
    """Which children is a worker allocated to today? In order, those after a given one.

    Asked of `reach` itself, which `attendance_runtime.access.relations` keeps: an allocation that
    ends is gone from the next page.
    """
    found = await db.scalars(
        text("""
            SELECT DISTINCT object_id FROM reach
            WHERE holder = :worker AND relation = 'worker' AND object_id > :after
              AND valid_from <= :today AND (valid_to IS NULL OR valid_to >= :today)
            ORDER BY object_id LIMIT :limit
        """),
        {"worker": worker, "after": after, "today": today, "limit": limit},
    )
    return list(found)
