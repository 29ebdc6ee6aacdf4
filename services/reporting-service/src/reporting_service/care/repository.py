"""Every statement on the copy of care statuses."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from attendance_contracts.events import CareChanged, CareStatus
from attendance_runtime.copies import Copy
from attendance_runtime.database import SqlSession
from reporting_service.care.tables import care

CARE: Final = Copy(care, of=CareChanged, key="child_id")


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
