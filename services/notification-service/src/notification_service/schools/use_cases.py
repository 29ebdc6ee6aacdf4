"""Keeping the copy of the schools' settings."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from attendance_contracts.events import SchoolChanged
from attendance_runtime.access import relations
from attendance_runtime.database import SqlSession
from attendance_runtime.versions import newest
from notification_service.schools import repository


async def apply_schools(
    db: SqlSession,
    events: Sequence[SchoolChanged],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep each school's newest settings, and who may reach it."""
    latest = newest(events, attrgetter("school_id"))
    await repository.save_schools(db, list(latest.values()))
    await relations.apply_schools(db, events)
