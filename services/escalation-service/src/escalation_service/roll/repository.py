"""Every statement on the copy of the roll."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.copies import Copy
from attendance_runtime.database import SqlSession
from escalation_service.roll.domain import Enrolment
from escalation_service.roll.tables import enrolments

ENROLMENTS: Final = Copy(enrolments, of=EnrolmentChanged, key="enrolment_id")


async def find_enrolment(db: SqlSession, enrolment_id: UUID) -> Enrolment | None:
    """Which child is at which school by this enrolment?"""
    found = await db.execute(
        text("SELECT id, child_id, school_id FROM enrolments WHERE id = :id"), {"id": enrolment_id}
    )
    row = found.one_or_none()
    return None if row is None else Enrolment(*row)


async def enrolments_at(db: SqlSession, schools: Collection[UUID]) -> list[UUID]:
    """Which enrolments have these schools ever had?"""
    found = await db.scalars(
        text(
            "SELECT id FROM enrolments WHERE school_id = ANY(CAST(:schools AS uuid[])) ORDER BY id"
        ),
        {"schools": list(schools)},
    )
    return list(found)
