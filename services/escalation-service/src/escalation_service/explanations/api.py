"""Decisions over HTTP: what was decided, what it saw, and why, in words."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from attendance_contracts.calendar import Session, year_label
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web.guarded import GuardedRoute
from escalation_service.decisions.domain import Decision, Kind
from escalation_service.explanations import use_cases
from escalation_service.explanations.domain import explain
from escalation_service.explanations.use_cases import DecisionFile

router = APIRouter(prefix="/v1", tags=["decisions"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.CASE_READ))]


class Window(BaseModel):
    """The days over which sessions were added up, both included."""

    school_year: str = Field(examples=["2026/27"])
    first: date = Field(examples=["2026-09-01"])
    last: date = Field(examples=["2027-08-31"])


class CountedMark(BaseModel):
    """One session that was counted, as it was marked at the time of the decision."""

    date: date
    session: Session
    code: str = Field(examples=["O"])


class LongestRun(BaseModel):
    """The longest run of counted sessions with no other session between; for information."""

    sessions: int = Field(examples=[12])
    first: date | None
    last: date | None


class DecisionView(BaseModel):
    """A decision with everything it saw, and the same in words."""

    id: UUID
    kind: Kind
    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    policy: str = Field(examples=["dudley"])
    policy_version: int = Field(examples=[1])
    rule: str = Field(examples=["ten-days-unauthorised"])
    title: str = Field(examples=["Ten days of unauthorised absence"])
    codes: tuple[str, ...] = Field(examples=[("G", "N", "O", "U")])
    threshold_sessions: int = Field(examples=[20])
    window: Window
    sessions: int = Field(examples=[20])
    marks: list[CountedMark]
    longest_run: LongestRun
    calendar_version: int = Field(description="0 when no calendar was known")
    school_days: int = Field(description="school days of the year up to the day of the decision")
    decided_at: datetime
    decided_by: str | None = Field(description="a person's subject id; null when a rule decided")
    withdraws: UUID | None = Field(description="the decision that this one takes back")
    withdrawn_by: UUID | None = Field(description="the decision that took this one back")
    case_id: UUID | None = Field(description="the case that it opened")
    explanation: list[str]

    @classmethod
    def of(cls, file: DecisionFile) -> "DecisionView":
        """Show a decision and what came of it."""
        decision = file.decision
        basis, value = decision.basis, decision.value
        wide = basis.rule.measure.wide_question()
        return cls(
            id=decision.id,
            kind=decision.kind,
            enrolment_id=decision.enrolment_id,
            child_id=decision.child_id,
            school_id=decision.school_id,
            policy=basis.policy,
            policy_version=basis.version,
            rule=basis.rule.name,
            title=basis.rule.title,
            codes=wide.codes,
            threshold_sessions=wide.at_least,
            window=_window(decision),
            sessions=len(value.marks),
            marks=[CountedMark(**mark._asdict()) for mark in value.marks],
            longest_run=LongestRun(**value.run._asdict()),
            calendar_version=decision.calendar_version,
            school_days=decision.school_days,
            decided_at=decision.decided_at,
            decided_by=decision.decided_by,
            withdraws=decision.withdraws,
            withdrawn_by=decision.withdrawn_by,
            case_id=file.sequel.case_id,
            explanation=explain(decision, file.sequel),
        )


class Decisions(BaseModel):
    """Every decision on an enrolment, oldest first."""

    decisions: list[DecisionView]


@router.get("/decisions/{decision_id}", summary="Read a decision and why it was taken")
async def read_decision(
    decision_id: UUID, *, principal: Reader, db: Transaction, clock: CurrentClock
) -> DecisionView:
    """For those who may read the child's cases. The reading is written to the access log."""
    file = await use_cases.decision_for(db, principal, decision_id, now=clock.now())
    return DecisionView.of(file)


@router.get("/enrolments/{enrolment_id}/decisions", summary="Read all decisions on an enrolment")
async def read_decisions(
    enrolment_id: UUID, *, principal: Reader, db: Transaction, clock: CurrentClock
) -> Decisions:
    """Thresholds met, withdrawn and met again all stay on record. The reading is logged."""
    files = await use_cases.decisions_for(db, principal, enrolment_id, now=clock.now())
    return Decisions(decisions=[DecisionView.of(file) for file in files])


def _window(decision: Decision) -> Window:
    return Window(
        school_year=year_label(decision.school_year),
        first=decision.value.window.first,
        last=decision.value.window.last,
    )
