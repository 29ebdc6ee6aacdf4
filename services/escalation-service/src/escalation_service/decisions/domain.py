"""What a decision is: a rule's conclusion about an enrolment, with everything it saw."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from attendance_contracts.codes import UNAUTHORISED
from escalation_service.absences.domain import AbsenceMark
from escalation_service.policies.domain import Rule


class Run(NamedTuple):
    """Sessions one after the other, and the days of the first and last of them."""

    sessions: int
    first: date | None
    last: date | None


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
        codes=tuple(sorted(UNAUTHORISED)),
        sessions=0,
    ),
)
"""What a person's own decision rests on; it shows the unauthorised absences so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was concluded about an enrolment, with everything that was seen. Never changed.

    Attributes:
        school_year: the window, 1 September to 31 August.
        marks: the marks that counted, in order.
        run: the longest run of counted marks without a session between them, for information.
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
    marks: tuple[AbsenceMark, ...]
    run: Run
    calendar_version: int
    school_days: int
    decided_at: datetime
    decided_by: str | None = None
    withdraws: UUID | None = None
    withdrawn_by: UUID | None = None

    @property
    def sessions(self) -> int:
        """How many sessions were counted."""
        return len(self.marks)
