"""Keeping the copy of the schools' settings."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.events import SchoolChanged
from attendance_runtime import access
from attendance_runtime.database import SqlSession
from notification_service.schools import repository


async def apply_schools(
    session: SqlSession,
    events: Sequence[SchoolChanged],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep each school's newest settings, and who may reach it."""
    newest = {event.school_id: event for event in events}
    saved = await repository.save_schools(session, list(newest.values()))
    await access.apply_schools(session, [newest[school_id] for school_id in sorted(saved)])
