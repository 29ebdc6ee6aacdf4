"""Keeping the copies of schools and calendars."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.events import CalendarChanged, SchoolChanged
from attendance_runtime import access
from attendance_runtime.database import SqlSession
from reporting_service.schools import repository


async def apply_schools(
    session: SqlSession,
    events: Sequence[SchoolChanged],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep each school's newest settings, and who may reach it."""
    newest = {event.school_id: event for event in events}
    kept = await repository.save_schools(session, list(newest.values()))
    await access.apply_schools(session, [newest[school_id] for school_id in sorted(kept)])


async def apply_calendars(
    session: SqlSession,
    events: Sequence[CalendarChanged],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep each school year's newest sessions."""
    newest = {(event.school_id, event.school_year): event for event in events}
    for calendar in newest.values():
        await repository.save_calendar(session, calendar)
