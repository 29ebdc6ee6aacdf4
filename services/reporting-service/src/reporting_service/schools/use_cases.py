"""Keeping the copies of schools and calendars, and the figures true to them."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.events import CalendarChanged, EnrolmentChanged, SchoolChanged
from attendance_runtime.access import relations
from attendance_runtime.copies.beginnings import move_sessions
from attendance_runtime.copies.turns import lock_schools
from attendance_runtime.database import SqlSession
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
    kept = await repository.SCHOOLS.keep(db, events)
    await relations.apply_schools(db, events)
    await move_sessions(db, kept.newer)


async def apply_calendars(
    db: SqlSession,
    events: Sequence[CalendarChanged],
    *,
    now: datetime,
) -> None:
    """Keep each school year's newest sessions; a mark in a session that is none does not count."""
    kept = await repository.CALENDARS.keep(db, events)
    for calendar in kept.new_or_other("slots"):
        await figure_school_year(db, calendar.school_id, calendar.school_year, now=now)
