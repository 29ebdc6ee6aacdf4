"""What a decision is: a rule's conclusion about an enrolment, with everything it saw."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from attendance_contracts.codes import UNAUTHORISED
from escalation_service.measures.domain import Sessions, Value
from escalation_service.policies.domain import Rule


class Kind(StrEnum):
    """What a decision is: a threshold met, one withdrawn, or a person's own."""

    MET = "met"
    WITHDRAWN = "withdrawn"
    BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision rests on: a rule, as it stands in one version of a policy."""

    policy: str
    version: int
    rule: Rule


BY_HAND: Final = Basis(
    "by-hand",
    1,
    Rule(
        name="by-hand",
        title="Opened by a person",
        measure=Sessions(count=tuple(sorted(UNAUTHORISED)), sessions=0),
    ),
)
"""What a person's own decision rests on; it shows the unauthorised absences so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was concluded about an enrolment, with everything that was seen. Never changed.

    Attributes:
        school_year: the year whose marks were judged; a threshold is met once in it.
        value: what the rule's measure read: its number, days and marks.
        calendar_version: the version of the school's calendar; 0 when none was known.
        school_days: how many school days the year had had by the day of the decision.
        decided_by: the subject id of the person, None when a rule decided.
        withdraws: the decision that this one takes back.
        withdrawn_by: the decision that took this one back.
    """

    id: UUID
    kind: Kind
    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    basis: Basis
    school_year: int
    value: Value
    calendar_version: int
    school_days: int
    decided_at: datetime
    decided_by: str | None = None
    withdraws: UUID | None = None
    withdrawn_by: UUID | None = None
