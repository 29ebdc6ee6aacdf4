"""What is known of a case, told in any order and any number of times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from attendance_contracts.events import CaseAssigned, CaseClosed, CaseOpened

CaseEvent = CaseOpened | CaseAssigned | CaseClosed


@dataclass(frozen=True, slots=True)
class Case:
    """One case: whose it is, which rule opened it, and how far it has come."""

    id: UUID
    enrolment_id: UUID
    policy: str
    rule: str
    opened_at: datetime | None = None
    assigned_to: str | None = None
    assigned_at: datetime | None = None
    closed_at: datetime | None = None


def told(events: Sequence[CaseEvent]) -> list[Case]:
    """Put together what a batch says of each case, sorted by case."""
    cases: dict[UUID, Case] = {}
    for event in events:
        known = cases.get(event.case_id) or Case(
            event.case_id, event.enrolment_id, event.policy, event.rule
        )
        cases[event.case_id] = _after(known, event)
    return [cases[case_id] for case_id in sorted(cases)]


def _after(case: Case, event: CaseEvent) -> Case:
    if isinstance(event, CaseOpened):
        return replace(case, opened_at=event.recorded_at)
    if isinstance(event, CaseClosed):
        return replace(case, closed_at=event.recorded_at)
    if case.assigned_at is not None and case.assigned_at > event.recorded_at:
        return case
    return replace(case, assigned_to=event.assigned_to, assigned_at=event.recorded_at)
