"""The rules of a case: it opens with a decision, is assigned, and closes, each as a step kept.

A case that nobody has worked on closes by itself when its threshold is withdrawn. One that somebody
has worked on stays open and shows the withdrawal: a person who has spoken with the family decides
what becomes of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from attendance_contracts.events import CaseAssigned, CaseClosed, CaseOpened
from escalation_service.decisions.domain import Decision


class Outcome(StrEnum):
    """How a case ended. A fixed list, because an event carries it; words go into the note."""

    RESOLVED = "resolved"
    REFERRED = "referred"
    NO_FURTHER_ACTION = "no-further-action"
    OPENED_IN_ERROR = "opened-in-error"
    THRESHOLD_WITHDRAWN = "threshold-withdrawn"


class StepKind(StrEnum):
    """What happened to a case."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    THRESHOLD_WITHDRAWN = "threshold-withdrawn"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Work on one enrolment that a decision opened, until it is closed.

    Attributes:
        assigned_to: opaque subject id of the person who has the case.
        threshold_withdrawn_at: when the decision behind the case was withdrawn, if it was.
        worked_on: whether a person has done anything with it.
        version: counts the steps.
    """

    id: UUID
    decision_id: UUID
    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    policy: str
    rule: str
    opened_at: datetime
    assigned_to: str | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    threshold_withdrawn_at: datetime | None = None
    worked_on: bool = False
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether there is still work to do."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a case.

    Attributes:
        version: the version of the case that the step made.
        by: subject id of the person, None for the platform.
        note: a person's own words; kept in the database only.
    """

    version: int
    kind: StepKind
    at: datetime
    by: str | None = None
    assigned_to: str | None = None
    outcome: Outcome | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A step that was taken, and the case as it is after it."""

    case: Case
    step: Step


def open_case(
    decision: Decision, case_id: UUID, *, by: str | None = None, note: str | None = None
) -> Transition:
    """Open the case that a decision asks for."""
    case = Case(
        id=case_id,
        decision_id=decision.id,
        enrolment_id=decision.enrolment_id,
        child_id=decision.child_id,
        school_id=decision.school_id,
        policy=decision.basis.policy,
        rule=decision.basis.rule.name,
        opened_at=decision.decided_at,
        worked_on=by is not None,
    )
    step = Step(version=1, kind=StepKind.OPENED, at=decision.decided_at, by=by, note=note)
    return Transition(case, step)


def assign(case: Case, to: str, *, by: str | None, now: datetime) -> Transition:
    """Give a case to a person; `by` None is the platform, giving it to the school's lead."""
    step = _next_step(case, StepKind.ASSIGNED, by=by, now=now)
    return _after(case, replace(step, assigned_to=to))


def close(
    case: Case, outcome: Outcome, *, by: str | None, note: str | None = None, now: datetime
) -> Transition:
    """Close a case."""
    step = _next_step(case, StepKind.CLOSED, by=by, now=now)
    return _after(case, replace(step, outcome=outcome, note=note))


def withdraw_threshold(case: Case, *, now: datetime) -> Transition:
    """Close a case whose threshold is withdrawn, or show it on one that somebody works on."""
    withdrawn = replace(case, threshold_withdrawn_at=now)
    if not case.worked_on:
        return close(withdrawn, Outcome.THRESHOLD_WITHDRAWN, by=None, now=now)
    return _after(withdrawn, _next_step(case, StepKind.THRESHOLD_WITHDRAWN, by=None, now=now))


def _next_step(case: Case, kind: StepKind, *, by: str | None, now: datetime) -> Step:
    return Step(version=case.version + 1, kind=kind, at=now, by=by)


def _after(case: Case, step: Step) -> Transition:
    after = replace(
        case,
        assigned_to=step.assigned_to or case.assigned_to,
        closed_at=step.at if step.kind is StepKind.CLOSED else case.closed_at,
        outcome=step.outcome or case.outcome,
        worked_on=case.worked_on or step.by is not None,
        version=step.version,
    )
    return Transition(after, step)


def announcement(transition: Transition) -> CaseOpened | CaseAssigned | CaseClosed | None:
    """Tell the other services of a step; that a threshold was withdrawn is told to nobody."""
    case, step = transition.case, transition.step
    facts = _Facts(
        case_id=case.id,
        decision_id=case.decision_id,
        enrolment_id=case.enrolment_id,
        child_id=case.child_id,
        school_id=case.school_id,
        policy=case.policy,
        rule=case.rule,
        recorded_at=step.at,
    )
    if step.kind is StepKind.OPENED:
        return CaseOpened(**facts)
    if step.assigned_to is not None:
        return CaseAssigned(**facts, assigned_to=step.assigned_to)
    if step.outcome is not None:
        return CaseClosed(**facts, outcome=step.outcome.value)
    return None


class _Facts(TypedDict):
    case_id: UUID
    decision_id: UUID
    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    policy: str
    rule: str
    recorded_at: datetime
