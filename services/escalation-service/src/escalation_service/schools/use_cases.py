"""Keeping the copies of schools and calendars."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from attendance_contracts.counting import SchoolHours
from attendance_contracts.events import (
    CalendarChanged,
    EnrolmentChanged,
    RegisterRecorded,
    SchoolChanged,
)
from attendance_runtime.access import relations
from attendance_runtime.copies.beginnings import move_sessions
from attendance_runtime.copies.turns import lock_schools
from attendance_runtime.database import SqlSession
from attendance_runtime.versions import newest
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


class SchoolsKept(NamedTuple):
    """What newer words on schools have changed."""

    schools: list[UUID]
    """Those whose state stands now as it was told."""
    moved: list[UUID]
    """Those that are new, or another authority's than before."""


async def keep_schools(db: SqlSession, events: Sequence[SchoolChanged]) -> SchoolsKept:
    """Keep each school's newest state: who reaches it, its lead, hours and authority."""
    latest = newest(events, attrgetter("school_id"))
    await relations.apply_schools(db, events)
    changed = await repository.save_schools(db, list(latest.values()))
    hours = {
        school_id: SchoolHours(school.am_starts_at, school.pm_starts_at)
        for school_id, school in latest.items()
    }
    await move_sessions(db, hours)
    return SchoolsKept(
        [school_id for school_id, _ in changed],
        [school_id for school_id, other_authority in changed if other_authority],
    )


async def keep_calendars(
    db: SqlSession, events: Sequence[CalendarChanged]
) -> list[CalendarChanged]:
    """Keep each school year's newest sessions; which of them are others than were known?"""
    latest = newest(events, attrgetter("school_id", "school_year"))
    return [
        calendar for calendar in latest.values() if await repository.save_calendar(db, calendar)
    ]
