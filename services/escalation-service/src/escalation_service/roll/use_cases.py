"""Keeping the copy of the roll."""

from collections.abc import Sequence

from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.copies import Kept
from attendance_runtime.database import SqlSession
from escalation_service.roll import repository


async def keep_enrolments(
    db: SqlSession, events: Sequence[EnrolmentChanged]
) -> Kept[EnrolmentChanged]:
    """Keep each enrolment's newest state."""
    return await repository.ENROLMENTS.keep(db, events)
