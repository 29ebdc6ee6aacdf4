"""Keeping the copies of schools and calendars."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.events import (
    CalendarChanged,
    EnrolmentChanged,
    RegisterRecorded,
    SchoolChanged,
)
from attendance_runtime.access import relations
from attendance_runtime.copies import Kept
from attendance_runtime.copies.beginnings import move_sessions
from attendance_runtime.copies.turns import lock_schools
from attendance_runtime.database import SqlSession
from escalation_service.schools import repository

AboutASchool = SchoolChanged | CalendarChanged | EnrolmentChanged | RegisterRecorded


async def take_turns(
    db: SqlSession,
    events: Sequence[AboutASchool],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Wait until nobody else works on the schools of a batch; the rest of the batch then may.

    A school's marks, roll and calendar come on different topics, perhaps to different workers. If
    the twentieth absence and the enrolment it belongs to were saved at the same moment, neither
    would see the other, and the decision would be taken by nobody.
    """
    await lock_schools(db, {event.school_id for event in events})


async def keep_schools(db: SqlSession, events: Sequence[SchoolChanged]) -> Kept[SchoolChanged]:
    """Keep each school's newest state: who reaches it, its lead, hours and authority."""
    await relations.apply_schools(db, events)
    kept = await repository.SCHOOLS.keep(db, events)
    await move_sessions(db, kept.newer)
    return kept


async def keep_calendars(
    db: SqlSession, events: Sequence[CalendarChanged]
) -> Kept[CalendarChanged]:
    """Keep each school year's newest sessions."""
    return await repository.CALENDARS.keep(db, events)
