"""Keeping the copies of schools and calendars."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from attendance_contracts.events import CalendarChanged, SchoolChanged
from attendance_runtime import relations
from attendance_runtime.copies import newest
from attendance_runtime.database import SqlSession
from reporting_service.schools import repository


async def apply_schools(
    session: SqlSession,
    events: Sequence[SchoolChanged],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep each school's newest settings, and who may reach it."""
    latest = newest(events, attrgetter("school_id"))
    await repository.save_schools(session, list(latest.values()))
    await relations.apply_schools(session, events)


async def apply_calendars(
    session: SqlSession,
    events: Sequence[CalendarChanged],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep each school year's newest sessions."""
    latest = newest(events, attrgetter("school_id", "school_year"))
    for calendar in latest.values():
        await repository.save_calendar(session, calendar)
