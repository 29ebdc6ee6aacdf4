"""Whose turn it is with a school, where facts that come on different topics must see each other."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession

# Made once: in escalation-service it runs with nearly every batch.
_LOCK_SCHOOLS: Final = text("""
    SELECT pg_advisory_xact_lock(hashtextextended('school ' || school_id, 0))
    FROM (SELECT unnest(CAST(:schools AS uuid[])) AS school_id ORDER BY 1) AS sorted
""")


async def lock_schools(db: SqlSession, schools: Collection[UUID]) -> None:
    """Wait, in one order for everybody, until nobody else works on these schools.

    Ours until the transaction ends. Two workers that each save a part of what is known of a school
    would otherwise both decide without the other's.
    """
    await db.execute(_LOCK_SCHOOLS, {"schools": list(schools)})
