"""What can be done with cases: load, decide, save, announce."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.calendar import london_date, school_year
from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Conflict, NotFound, PreconditionFailed
from attendance_runtime.messaging import outbox
from escalation_service.absences.domain import EnrolmentYear
from escalation_service.cases import domain, repository
from escalation_service.cases.domain import Case, Change, Outcome
from escalation_service.decisions import repository as taken
from escalation_service.decisions.domain import Decision, Kind
from escalation_service.roll import repository as roll
from escalation_service.schools import repository as schools
from escalation_service.thresholds import domain as thresholds
from escalation_service.thresholds.repository import histories


async def follow_decisions(db: SqlSession, decisions: Sequence[Decision], *, now: datetime) -> None:
    """Open a case for each threshold met, and end or mark those whose threshold is withdrawn."""
    withdrawn = [decision.withdraws for decision in decisions if decision.withdraws is not None]
    if withdrawn:
        cases = await repository.lock_open_cases_of(db, withdrawn)
        changes = [domain.withdraw_threshold(case, now=now) for case in cases]
        await _save(db, changes, now=now)
    met = [decision for decision in decisions if decision.kind is Kind.MET]
    if met:
        opened = [domain.open_case(decision, uuid7()) for decision in met]
        await _save(db, await _given_to_leads(db, opened, now=now), now=now)


async def assign_waiting_cases(
    db: SqlSession, school_ids: Collection[UUID], *, now: datetime
) -> None:
    """Give the cases that waited for a school to name its lead to the lead."""
    leads = await schools.leads_of(db, school_ids)
    if not leads:
        return
    cases = await repository.lock_unassigned_cases_at(db, leads)
    changes = [domain.assign(case, leads[case.school_id], by=None, now=now) for case in cases]
    await _save(db, changes, now=now)


async def follow_enrolments(db: SqlSession, enrolments: Collection[UUID]) -> None:
    """Make the cases of enrolments that turned out to be another child's that child's."""
    if enrolments:
        await repository.follow_enrolments(db, enrolments)


async def require_enrolment(
    db: SqlSession, principal: Principal, enrolment_id: UUID, *, now: datetime
) -> None:
    """Let pass who may open a case for an enrolment; raise `NotFound` otherwise."""
    enrolment = await roll.find_enrolment(db, enrolment_id)
    if enrolment is None:
        raise NotFound("There is nothing here that this token may see.")
    objects = [enrolment.child_id, enrolment.school_id]
    today = access.today(now)
    await access.require(db, principal, rights.CASE_WRITE, objects=objects, today=today)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """An order to open a case by hand, with a person's reason."""

    enrolment_id: UUID
    reason: str
    by: str


async def open_case(db: SqlSession, command: OpenCase, *, now: datetime) -> Case:
    """Open a case by hand; the decision behind it is the person's, and is kept like any other."""
    year = EnrolmentYear(command.enrolment_id, school_year(london_date(now)))
    [history] = await histories(db, [year])
    decision = thresholds.by_hand(history, by=command.by, now=now, new_id=uuid7)
    await taken.save_decisions(db, [decision])
    opened = domain.open_case(decision, uuid7(), by=command.by, note=command.reason)
    changes = await _given_to_leads(db, [opened], now=now)
    await _save(db, changes, now=now)
    return changes[-1].case


async def assign_case(db: SqlSession, case: Case, to: str, *, by: str, now: datetime) -> Case:
    """Give a case to a person; to the one who has it already, nothing changes.

    Raises `Conflict` for a closed case.
    """
    _require_open(case)
    if case.assigned_to == to:
        return case
    change = domain.assign(case, to, by=by, now=now)
    await _save(db, [change], now=now)
    return change.case


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCase:
    """An order to close a case, with its outcome and perhaps a note."""

    outcome: Outcome
    note: str | None
    by: str


async def close_case(db: SqlSession, case: Case, command: CloseCase, *, now: datetime) -> Case:
    """Close a case. Raises `Conflict` when it is closed already."""
    _require_open(case)
    change = domain.close(case, command.outcome, by=command.by, note=command.note, now=now)
    await _save(db, [change], now=now)
    return change.case


async def case_for(db: SqlSession, principal: Principal, case_id: UUID, *, now: datetime) -> Case:
    """Return a case that a caller may read, or raise `NotFound`; the reading is logged."""
    case = await repository.find_case(db, case_id)
    reached = await _reached(db, principal, rights.CASE_READ, case, now=now)
    await access.log_read(db, principal, rights.CASE_READ, [reached.child_id])
    return reached


async def case_to_change(
    db: SqlSession, principal: Principal, case_id: UUID, *, version: int, now: datetime
) -> Case:
    """Return a case that a caller may change, locked.

    Raises `NotFound`, or `PreconditionFailed` when it is no longer the version that was read.
    """
    case = await repository.lock_case(db, case_id)
    reached = await _reached(db, principal, rights.CASE_WRITE, case, now=now)
    if reached.version != version:
        raise PreconditionFailed("Somebody changed this case meanwhile; read it again.")
    return reached


async def _reached(
    db: SqlSession, principal: Principal, right: Right, case: Case | None, *, now: datetime
) -> Case:
    if case is None:
        raise NotFound("There is nothing here that this token may see.")
    objects = [case.child_id, case.school_id]
    today = access.today(now)
    await access.require(db, principal, right, objects=objects, today=today)
    return case


async def _given_to_leads(
    db: SqlSession, opened: Sequence[Change], *, now: datetime
) -> list[Change]:
    leads = await schools.leads_of(db, {change.case.school_id for change in opened})
    changes = []
    for change in opened:
        changes.append(change)
        lead = leads.get(change.case.school_id)
        if lead is not None:
            changes.append(domain.assign(change.case, lead, by=None, now=now))
    return changes


async def _save(db: SqlSession, changes: Sequence[Change], *, now: datetime) -> None:
    if not changes:
        return
    await repository.save_changes(db, changes)
    events = [event for change in changes if (event := domain.announcement(change))]
    await outbox.announce(db, events, now=now)


def _require_open(case: Case) -> None:
    if not case.is_open:
        raise Conflict("This case is closed; open a new one if there is more to do.")
