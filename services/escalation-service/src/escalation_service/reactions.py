"""What follows from what: facts are kept, what they touch is evaluated, and cases follow.

The routing table and the worker name these functions, and nothing below calls up: a use case
returns its news, and what becomes of them is read here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from attendance_contracts.counting import HOURS_UNKNOWN, sessions_ahead
from attendance_contracts.events import (
    CalendarChanged,
    EnrolmentChanged,
    RegisterRecorded,
    SchoolChanged,
)
from attendance_runtime.copies.beginnings import await_sessions, sessions_of
from attendance_runtime.copies.turns import lock_schools
from attendance_runtime.database import SqlSession
from attendance_runtime.timers import Timer
from escalation_service.absences import repository as ledger
from escalation_service.absences import use_cases as absences
from escalation_service.absences.domain import EnrolmentYear, LedgerMark, sessions_planned
from escalation_service.cases import use_cases as cases
from escalation_service.policies.domain import Policies
from escalation_service.roll import repository as enrolments
from escalation_service.roll import use_cases as roll
from escalation_service.schools import repository as settings
from escalation_service.schools import use_cases as schools
from escalation_service.thresholds import use_cases as thresholds


async def apply_schools(
    db: SqlSession, events: Sequence[SchoolChanged], *, policies: Policies, now: datetime
) -> None:
    """Under another authority a school is under other policies; a lead takes the waiting cases."""
    kept = await schools.keep_schools(db, events)
    if moved := kept.new_or_other("authority_code"):
        touched = await enrolments.enrolments_at(db, [school.school_id for school in moved])
        await _evaluate_enrolments(db, touched, policies=policies, now=now)
    await cases.assign_waiting_cases(db, [school.school_id for school in kept.newer], now=now)


async def apply_calendars(
    db: SqlSession, events: Sequence[CalendarChanged], *, policies: Policies, now: datetime
) -> None:
    """A mark in a session that is none any more does not count, one in a new session does."""
    kept = await schools.keep_calendars(db, events)
    for calendar in kept.new_or_other("slots"):
        touched = await enrolments.enrolments_at(db, [calendar.school_id])
        years = [EnrolmentYear(enrolment, calendar.school_year) for enrolment in touched]
        await _evaluate(db, years, policies=policies, now=now)


async def apply_enrolments(
    db: SqlSession, events: Sequence[EnrolmentChanged], *, policies: Policies, now: datetime
) -> None:
    """Marks may have come before their enrolment, and other days may count than before.

    Two children who turned out to be one: cases go with their enrolments, so that whoever is
    responsible for the child reaches them.
    """
    kept = await roll.keep_enrolments(db, events)
    found = kept.other("child_id")
    await cases.follow_enrolments(db, [enrolment.enrolment_id for enrolment in found])
    dated = kept.new_or_other("starts_on", "ends_on")
    touched = [enrolment.enrolment_id for enrolment in dated]
    await _evaluate_enrolments(db, touched, policies=policies, now=now)


async def apply_registers(
    db: SqlSession, events: Sequence[RegisterRecorded], *, policies: Policies, now: datetime
) -> None:
    """What holds after the batch is evaluated, not each state in between."""
    if ahead := sessions_ahead(events, now):
        await await_sessions(db, ahead)
    changes = await absences.keep_absences(db, events, counted=policies.codes)
    await _evaluate(db, changes.touched, lowered=changes.lowered, policies=policies, now=now)


async def begin_sessions(
    db: SqlSession, timers: Sequence[Timer], *, policies: Policies, now: datetime
) -> None:
    """Planned absences count from now on, since their session begins.

    A session that begins later by now, since the school's settings changed, is awaited anew.
    """
    begun = sessions_of(timers)
    at_schools = {one.school_id for one in begun}
    await lock_schools(db, at_schools)
    years = await ledger.absent_in(db, begun)
    await _evaluate(db, years, policies=policies, now=now)
    hours = await settings.hours_of(db, at_schools)
    begins = {
        one: hours[one.school_id].begins_at(one.day, one.session)
        for one in begun
        if one.school_id in hours
    }
    await await_sessions(db, {one: at for one, at in begins.items() if at > now})


async def renew_absences(
    db: SqlSession,
    school_id: UUID,
    enrolled: Collection[UUID],
    absent: Sequence[LedgerMark],
    *,
    policies: Policies,
    now: datetime,
) -> None:
    """The ledger of a school's enrolments becomes these absences; what rested on others goes."""
    years = await absences.replace_absences(db, enrolled, absent)
    await _evaluate(db, years, policies=policies, now=now)
    hours = (await settings.hours_of(db, [school_id])).get(school_id, HOURS_UNKNOWN)
    await await_sessions(db, sessions_planned(school_id, absent, hours, now))


async def _evaluate_enrolments(
    db: SqlSession, touched: Collection[UUID], *, policies: Policies, now: datetime
) -> None:
    """Something other than a mark changed: every school year of these enrolments is touched."""
    if touched:
        years = await ledger.years_with_absences(db, touched)
        await _evaluate(db, years, policies=policies, now=now)


async def _evaluate(
    db: SqlSession,
    touched: Collection[EnrolmentYear],
    *,
    lowered: Collection[EnrolmentYear] | None = None,
    policies: Policies,
    now: datetime,
) -> None:
    decisions = await thresholds.evaluate(db, touched, lowered=lowered, policies=policies, now=now)
    await cases.follow_decisions(db, decisions, now=now)
