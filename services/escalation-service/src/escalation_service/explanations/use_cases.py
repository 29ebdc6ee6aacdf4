"""Reading decisions with what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import NotFound
from escalation_service.cases import repository as cases
from escalation_service.cases.domain import Case
from escalation_service.decisions import repository as decisions
from escalation_service.decisions.domain import Decision
from escalation_service.explanations.domain import Sequel
from escalation_service.roll import repository as roll


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """A decision, and what came of it."""

    decision: Decision
    sequel: Sequel


async def decision_for(
    db: SqlSession, principal: Principal, decision_id: UUID, *, now: datetime
) -> DecisionFile:
    """Return a decision that a caller may read, or raise `NotFound`; the reading is logged."""
    decision = await decisions.find_decision(db, decision_id)
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
    taken = await decisions.decisions_on(db, enrolment_id)
    opened = await cases.cases_opened_by(db, [decision.id for decision in taken])
    by_id = {decision.id: decision for decision in taken}
    return [
        DecisionFile(decision, _sequel(decision, opened.get(decision.id), by_id))
        for decision in taken
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
