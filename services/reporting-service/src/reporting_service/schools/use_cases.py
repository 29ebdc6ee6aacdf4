"""Keeping the copies of schools and calendars, and the figures true to them."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from attendance_contracts.counting import SchoolHours
from attendance_contracts.events import CalendarChanged, EnrolmentChanged, SchoolChanged
from attendance_runtime.access import relations
from attendance_runtime.copies.beginnings import move_sessions
from attendance_runtime.copies.turns import lock_schools
from attendance_runtime.database import SqlSession
from attendance_runtime.versions import newest
from reporting_service.projection.use_cases import figure_school_year
from reporting_service.schools import repository

AboutASchool = SchoolChanged | CalendarChanged | EnrolmentChanged


async def take_turns(
    db: SqlSession,
    events: Sequence[AboutASchool],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Wait until nobody else figures the schools of a batch anew; the rest of the batch then may.

    Registers wait for nobody: they find in each row what roll and calendar said of it.
    """
    await lock_schools(db, {event.school_id for event in events})


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
    hours = {
        school_id: SchoolHours(school.am_starts_at, school.pm_starts_at)
        for school_id, school in latest.items()
    }
    await move_sessions(db, hours)


async def apply_calendars(
    db: SqlSession,
    events: Sequence[CalendarChanged],
    *,
    now: datetime,
) -> None:
    """Keep each school year's newest sessions; a mark in a session that is none does not count."""
    latest = newest(events, attrgetter("school_id", "school_year"))
    for calendar in latest.values():
        if await repository.save_calendar(db, calendar):
            year = calendar.school_year
            await figure_school_year(db, calendar.school_id, year, now=now)
