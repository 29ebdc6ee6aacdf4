"""Every statement on the copy of care statuses."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from attendance_contracts.events import CareChanged, CareStatus
from attendance_runtime.database import SqlSession


async def save_care(db: SqlSession, children: Sequence[CareChanged]) -> None:
    """Keep each child's statuses unless a version as new is already here."""
    await db.execute(
        text("""
            INSERT INTO care (child_id, statuses, version)
            SELECT child_id, CAST(statuses AS jsonb), version
            FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:versions AS integer[]))
                 AS sent (child_id, statuses, version)
            ORDER BY child_id
            ON CONFLICT (child_id) DO UPDATE
            SET statuses = excluded.statuses, version = excluded.version
            WHERE care.version < excluded.version
        """),
        {
            "ids": [child.child_id for child in children],
            "statuses": [msgspec.json.encode(child.statuses).decode() for child in children],
            "versions": [child.version for child in children],
        },
    )


async def statuses_of(db: SqlSession, children: Sequence[UUID]) -> dict[UUID, list[CareStatus]]:
    """Which care statuses, past ones included, are known of these children?"""
    found = await db.execute(
        text("""
            SELECT child_id, CAST(statuses AS text) FROM care
            WHERE child_id = ANY(CAST(:children AS uuid[]))
        """),
        {"children": list(children)},
    )
    return {row[0]: msgspec.json.decode(row[1], type=list[CareStatus]) for row in found}
