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
from escalation_service.cases.domain import Case, Outcome, Step, Transition
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
        transitions = [domain.withdraw_threshold(case, now=now) for case in cases]
        await _save(db, transitions, now=now)
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
    transitions = [domain.assign(case, leads[case.school_id], by=None, now=now) for case in cases]
    await _save(db, transitions, now=now)


async def follow_enrolments(db: SqlSession, enrolments: Collection[UUID]) -> None:
    """Make the cases of enrolments that turned out to be another child's that child's."""
    if enrolments:
        await repository.follow_enrolments(db, enrolments)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, and how it came to stand as it does."""

    case: Case
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Page:
    """Cases, oldest first, and after which one the next page follows; None when it is the last."""

    cases: Sequence[Case]
    following: UUID | None


async def read_school_cases_for(
    db: SqlSession,
    principal: Principal,
    urn: str,
    state: str | None,
    *,
    after: UUID,
    limit: int,
    now: datetime,
) -> Page:
    """Return a school's next cases for who may see them, or raise `NotFound`; logged."""
    school_id = await schools.school_id_of(db, urn)
    if school_id is None:
        raise _nothing_here()
    today = access.today(now)
    await access.require(db, principal, rights.CASE_READ, objects=[school_id], today=today)
    found = await repository.cases_at(db, school_id, state, after=after, limit=limit + 1)
    page = found[:limit]
    await access.log_read(db, principal, rights.CASE_READ, sorted({case.child_id for case in page}))
    return Page(page, page[-1].id if len(found) > limit else None)


async def read_case_for(
    db: SqlSession, principal: Principal, case_id: UUID, *, now: datetime
) -> CaseFile:
    """Return a case for who may see it, or raise `NotFound`; the reading is logged."""
    case = await repository.find_case(db, case_id)
    reached = await _reached(db, principal, rights.CASE_READ, case, now=now)
    await access.log_read(db, principal, rights.CASE_READ, [reached.child_id])
    return await _file(db, reached)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """An order to open a case by hand, with a person's reason."""

    enrolment_id: UUID
    reason: str


async def require_enrolment(
    db: SqlSession, principal: Principal, enrolment_id: UUID, *, now: datetime
) -> None:
    """Let pass who may open a case for an enrolment; raise `NotFound` otherwise."""
    enrolment = await roll.find_enrolment(db, enrolment_id)
    if enrolment is None:
        raise _nothing_here()
    objects = [enrolment.child_id, enrolment.school_id]
    today = access.today(now)
    await access.require(db, principal, rights.CASE_WRITE, objects=objects, today=today)


async def open_case(
    db: SqlSession, principal: Principal, order: OpenCase, *, now: datetime
) -> CaseFile:
    """Open a case by hand; the decision behind it is the person's, and is kept like any other."""
    year = EnrolmentYear(order.enrolment_id, school_year(london_date(now)))
    [history] = await histories(db, [year])
    decision = thresholds.by_hand(history, by=principal.subject, now=now, new_id=uuid7)
    await taken.save_decisions(db, [decision])
    opened = domain.open_case(decision, uuid7(), by=principal.subject, note=order.reason)
    transitions = await _given_to_leads(db, [opened], now=now)
    await _save(db, transitions, now=now)
    return await _file(db, transitions[-1].case)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCase:
    """An order to give a case, of the version that was read, to a person."""

    case_id: UUID
    version: int
    to: str


async def assign_case(
    db: SqlSession, principal: Principal, order: AssignCase, *, now: datetime
) -> CaseFile:
    """Give a case to a person; to the one who has it already, nothing changes.

    Raises `NotFound`, `PreconditionFailed`, or `Conflict` for a closed case.
    """
    case = await _to_change(db, principal, order.case_id, version=order.version, now=now)
    if case.assigned_to == order.to:
        return await _file(db, case)
    assigned = domain.assign(case, order.to, by=principal.subject, now=now)
    await _save(db, [assigned], now=now)
    return await _file(db, assigned.case)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCase:
    """An order to close a case, of the version that was read, with its outcome."""

    case_id: UUID
    version: int
    outcome: Outcome
    note: str | None


async def close_case(
    db: SqlSession, principal: Principal, order: CloseCase, *, now: datetime
) -> CaseFile:
    """Close a case. Raises `NotFound`, `PreconditionFailed`, or `Conflict` when it is closed."""
    case = await _to_change(db, principal, order.case_id, version=order.version, now=now)
    closed = domain.close(case, order.outcome, by=principal.subject, note=order.note, now=now)
    await _save(db, [closed], now=now)
    return await _file(db, closed.case)


async def _to_change(
    db: SqlSession, principal: Principal, case_id: UUID, *, version: int, now: datetime
) -> Case:
    case = await repository.lock_case(db, case_id)
    reached = await _reached(db, principal, rights.CASE_WRITE, case, now=now)
    if reached.version != version:
        raise PreconditionFailed("Somebody changed this case meanwhile; read it again.")
    if not reached.is_open:
        raise Conflict("This case is closed; open a new one if there is more to do.")
    return reached


async def _reached(
    db: SqlSession, principal: Principal, right: Right, case: Case | None, *, now: datetime
) -> Case:
    if case is None:
        raise _nothing_here()
    objects = [case.child_id, case.school_id]
    today = access.today(now)
    await access.require(db, principal, right, objects=objects, today=today)
    return case


def _nothing_here() -> NotFound:
    return NotFound("There is nothing here that this token may see.")


async def _file(db: SqlSession, case: Case) -> CaseFile:
    return CaseFile(case, await repository.steps_of(db, case.id))


async def _given_to_leads(
    db: SqlSession, opened: Sequence[Transition], *, now: datetime
) -> list[Transition]:
    leads = await schools.leads_of(db, {transition.case.school_id for transition in opened})
    transitions = []
    for transition in opened:
        transitions.append(transition)
        lead = leads.get(transition.case.school_id)
        if lead is not None:
            transitions.append(domain.assign(transition.case, lead, by=None, now=now))
    return transitions


async def _save(db: SqlSession, transitions: Sequence[Transition], *, now: datetime) -> None:
    if not transitions:
        return
    await repository.save_transitions(db, transitions)
    events = [event for transition in transitions if (event := domain.announcement(transition))]
    await outbox.announce(db, events, now=now)
