"""What escalation-service tells: cases."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from attendance_contracts.events.event_type import event
from attendance_contracts.topics import INTERVENTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    case_id: UUID
    decision_id: UUID
    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    policy: str
    rule: str
    recorded_at: dt.datetime


@event("uk.firstday.case.opened.v1", topic=INTERVENTIONS, key="child_id")
class CaseOpened(_Case):
    """A decision of a policy opened a case for a child."""


@event("uk.firstday.case.assigned.v1", topic=INTERVENTIONS, key="child_id")
class CaseAssigned(_Case):
    """A case was given to a person."""

    assigned_to: str


@event("uk.firstday.case.closed.v1", topic=INTERVENTIONS, key="child_id")
class CaseClosed(_Case):
    """A case ended, by a person or because its threshold was withdrawn."""

    outcome: str
