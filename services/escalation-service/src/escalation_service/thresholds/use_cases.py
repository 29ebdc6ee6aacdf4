"""Thresholds: write the ledger, ask whom it concerns, decide, save; and read it back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.calendar import london_date
from attendance_contracts.counting import sessions_ahead
from attendance_contracts.events import RegisterRecorded
from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.copies.beginnings import await_sessions, sessions_of
from attendance_runtime.copies.turns import lock_schools
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import NotFound
from attendance_runtime.timers import Timer
from escalation_service.absences import domain as absences
from escalation_service.absences import repository as ledger
from escalation_service.absences.domain import EnrolmentYear, LedgerMark
from escalation_service.cases import repository as cases
from escalation_service.cases.domain import Case
from escalation_service.cases.use_cases import follow_decisions
from escalation_service.policies.domain import Policies
from escalation_service.roll import repository as roll
from escalation_service.schools import repository as schools
from escalation_service.thresholds import domain, repository
from escalation_service.thresholds.domain import Decision, History
from escalation_service.thresholds.explanation import Sequel


async def evaluate_touched(
    db: SqlSession,
    events: Sequence[RegisterRecorded],
    *,
    policies: Policies,
    now: datetime,
) -> None:
    """Enter a batch of registers into the ledger and evaluate the enrolments it touched.

    What holds after the batch is evaluated, not each state in between.
    """
    if ahead := sessions_ahead(events, now):
        await await_sessions(db, ahead)
    changes = absences.ledger_changes(events, policies.codes)
    if changes.absent:
        await ledger.save_absences(db, changes.absent)
    if changes.not_absent:
        await ledger.remove_absences(db, changes.not_absent)
    await evaluate(db, changes.touched, lowered=changes.lowered, policies=policies, now=now)


async def begin_sessions(
    db: SqlSession, timers: Sequence[Timer], *, policies: Policies, now: datetime
) -> None:
    """Evaluate the enrolments whose planned absences count now, since their session begins.

    A session that begins later by now, since the school's settings changed, is awaited anew.
    """
    begun = sessions_of(timers)
    at_schools = {one.school_id for one in begun}
    await lock_schools(db, at_schools)
    years = await ledger.absent_in(db, begun)
    await evaluate(db, years, policies=policies, now=now)
    hours = await schools.hours_of(db, at_schools)
    begins = {
        one: hours[one.school_id].begins_at(one.day, one.session)
        for one in begun
        if one.school_id in hours
    }
    await await_sessions(db, {one: at for one, at in begins.items() if at > now})


async def replace_ledger(
    db: SqlSession,
    enrolments: Collection[UUID],
    absent: Sequence[LedgerMark],
    *,
    policies: Policies,
    now: datetime,
) -> None:
    """Make the ledger of these enrolments these absences and no others, and evaluate their years.

    Years that had absences and have none now are evaluated, too: what stands there is withdrawn.
    """
    before = await ledger.years_with_absences(db, enrolments)
    await ledger.forget_enrolments(db, enrolments)
    await ledger.save_absences(db, absent)
    after = await ledger.years_with_absences(db, enrolments)
    await evaluate(db, {*before, *after}, policies=policies, now=now)


async def evaluate_enrolments(
    db: SqlSession, enrolments: Collection[UUID], *, policies: Policies, now: datetime
) -> None:
    """Evaluate every school year of these enrolments: something other than a mark changed."""
    if enrolments:
        years = await ledger.years_with_absences(db, enrolments)
        await evaluate(db, years, policies=policies, now=now)


async def evaluate(
    db: SqlSession,
    touched: Collection[EnrolmentYear],
    *,
    lowered: Collection[EnrolmentYear] | None = None,
    policies: Policies,
    now: datetime,
) -> None:
    """Decide what the policies say of these enrolments' years now, and act on it.

    `lowered` are those in which less may count than before; all of them unless it is given.
    """
    if not touched:
        return
    lowered = touched if lowered is None else lowered
    years = {year.school_year for year in touched}
    rules = domain.rules_in_force(policies, years, london_date(now))
    asked = await repository.whom_to_ask(db, touched, rules, lowered=lowered)
    histories = await repository.histories(db, asked) if asked else []
    decisions = [
        decision for history in histories for decision in _decisions(history, policies, now=now)
    ]
    if not decisions:
        return
    await repository.save_decisions(db, decisions)
    await follow_decisions(db, decisions, now=now)


def _decisions(history: History, policies: Policies, *, now: datetime) -> list[Decision]:
    year = history.calendar.school_year
    policy = policies.for_year(history.authority, year, london_date(now))
    return domain.evaluate(policy, history, now=now, new_id=uuid7)


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """A decision, and what came of it."""

    decision: Decision
    sequel: Sequel


async def decision_for(
    db: SqlSession, principal: Principal, decision_id: UUID, *, now: datetime
) -> DecisionFile:
    """Return a decision that a caller may read, or raise `NotFound`; the reading is logged."""
    decision = await repository.find_decision(db, decision_id)
    if decision is None:
        raise NotFound("There is nothing here that this token may see.")
    files = await decisions_for(db, principal, decision.enrolment_id, now=now)
    return next(file for file in files if file.decision.id == decision_id)


async def decisions_for(
    db: SqlSession, principal: Principal, enrolment_id: UUID, *, now: datetime
) -> list[DecisionFile]:
    """Return every decision on an enrolment, oldest first; the reading is logged.

    Raises `NotFound` for an enrolment that is not known or not the caller's to see.
    """
    enrolment = await roll.find_enrolment(db, enrolment_id)
    if enrolment is None:
        raise NotFound("There is nothing here that this token may see.")
    objects = [enrolment.child_id, enrolment.school_id]
    today = access.today(now)
    await access.require(db, principal, rights.CASE_READ, objects=objects, today=today)
    await access.log_read(db, principal, rights.CASE_READ, [enrolment.child_id])
    decisions = await repository.decisions_on(db, enrolment_id)
    opened = await cases.cases_opened_by(db, [decision.id for decision in decisions])
    by_id = {decision.id: decision for decision in decisions}
    return [
        DecisionFile(decision, _sequel(decision, opened.get(decision.id), by_id))
        for decision in decisions
    ]


def _sequel(decision: Decision, case: Case | None, by_id: Mapping[UUID, Decision]) -> Sequel:
    withdrawal = None if decision.withdrawn_by is None else by_id[decision.withdrawn_by]
    if case is None:
        return Sequel(withdrawal=withdrawal)
    return Sequel(
        case_id=case.id,
        case_closed_at=case.closed_at,
        case_outcome=case.outcome,
        withdrawal=withdrawal,
    )
