"""Keeping the copies of schools and calendars, and deciding what waited for them."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

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
from escalation_service.absences.domain import EnrolmentYear
from escalation_service.cases.use_cases import assign_waiting_cases
from escalation_service.policies.domain import Policies
from escalation_service.roll import repository as roll
from escalation_service.schools import repository
from escalation_service.thresholds.use_cases import evaluate, evaluate_enrolments

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


async def apply_schools(
    db: SqlSession, events: Sequence[SchoolChanged], *, policies: Policies, now: datetime
) -> None:
    """Keep each school's newest state: who reaches it, its lead, and the policy it is under."""
    latest = newest(events, attrgetter("school_id"))
    await relations.apply_schools(db, events)
    changed = await repository.save_schools(db, list(latest.values()))
    hours = {
        school_id: SchoolHours(school.am_starts_at, school.pm_starts_at)
        for school_id, school in latest.items()
    }
    await move_sessions(db, hours)
    moved = [school_id for school_id, other_authority in changed if other_authority]
    if moved:
        enrolments = await roll.enrolments_at(db, moved)
        await evaluate_enrolments(db, enrolments, policies=policies, now=now)
    await assign_waiting_cases(db, [school_id for school_id, _ in changed], now=now)


async def apply_calendars(
    db: SqlSession, events: Sequence[CalendarChanged], *, policies: Policies, now: datetime
) -> None:
    """Keep each school year's newest sessions; a mark in a session that is none does not count."""
    latest = newest(events, attrgetter("school_id", "school_year"))
    for calendar in latest.values():
        if await repository.save_calendar(db, calendar):
            enrolments = await roll.enrolments_at(db, [calendar.school_id])
            years = [EnrolmentYear(enrolment, calendar.school_year) for enrolment in enrolments]
            await evaluate(db, years, policies=policies, now=now)
