"""Keeping the copy of the schools' settings."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.events import SchoolChanged
from attendance_runtime.access import relations
from attendance_runtime.database import SqlSession
from notification_service.schools import repository


async def apply_schools(
    db: SqlSession,
    events: Sequence[SchoolChanged],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep each school's newest settings, and who may reach it."""
    await repository.take_turn(db, {school.school_id for school in events})
    await repository.SCHOOLS.keep(db, events)
    await relations.apply_schools(db, events)
