"""Every statement on the copy of the roll."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.copies import Copy
from attendance_runtime.database import SqlSession
from reporting_service.roll.domain import Enrolment
from reporting_service.roll.tables import enrolments

ENROLMENTS: Final = Copy(enrolments, of=EnrolmentChanged, key="enrolment_id")


async def enrolments_between(
    db: SqlSession, children: Sequence[UUID], first: date, last: date
) -> list[Enrolment]:
    """Where were these children on roll on any day from `first` to `last`? Newest first a child."""
    found = await db.execute(
        text("""
            SELECT id, child_id, school_id, starts_on, ends_on, year_group, class_code, status
            FROM enrolments
            WHERE child_id = ANY(CAST(:children AS uuid[]))
              AND starts_on <= :last AND (ends_on IS NULL OR ends_on >= :first)
            ORDER BY child_id, starts_on DESC, id
        """),
        {"children": list(children), "first": first, "last": last},
    )
    return [Enrolment(*row) for row in found]
