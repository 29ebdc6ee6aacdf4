"""The rules of thresholds: what is decided, by what the measures read of a child's record."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from attendance_contracts.calendar import london_date
from escalation_service.decisions.domain import BY_HAND, Basis, Decision, Kind
from escalation_service.measures.domain import Record, Span, judged_on
from escalation_service.policies.domain import Policies, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that rules need to know of an enrolment's school year.

    Attributes:
        authority: code of the authority in whose area the school lies.
        record: what measures read.
        standing: the decisions by which thresholds were met and not withdrawn.
    """

    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    authority: str
    record: Record
    standing: tuple[Decision, ...] = ()


NewId = Callable[[], UUID]


def evaluate(
    in_force: Sequence[Policy], history: History, *, now: datetime, new_id: NewId
) -> list[Decision]:
    """Decide what policies say of an enrolment's year: thresholds newly met, thresholds withdrawn.

    What stands is judged by the rule that was applied then: a new version of a policy opens no old
    decision again. Without a policy nothing new is met.
    """
    stands = {(decision.basis.policy, decision.basis.rule.name) for decision in history.standing}
    withdrawn = [
        replace(
            decide(Kind.WITHDRAWN, decision.basis, history, now=now, new_id=new_id),
            withdraws=decision.id,
        )
        for decision in history.standing
        if not _is_met(decision.basis, history, now)
    ]
    met = [
        decide(Kind.MET, basis, history, now=now, new_id=new_id)
        for basis in bases(in_force)
        if (basis.policy, basis.rule.name) not in stands and _is_met(basis, history, now)
    ]
    return withdrawn + met


def _is_met(basis: Basis, history: History, now: datetime) -> bool:
    measure = basis.rule.measure
    return measure.met(measure.value(history.record, now))


def decide(kind: Kind, basis: Basis, history: History, *, now: datetime, new_id: NewId) -> Decision:
    """Take down a decision with everything it saw."""
    record = history.record
    today = london_date(now)
    return Decision(
        id=new_id(),
        kind=kind,
        enrolment_id=history.enrolment_id,
        child_id=history.child_id,
        school_id=history.school_id,
        basis=basis,
        school_year=record.calendar.school_year,
        value=basis.rule.measure.value(record, now),
        calendar_version=record.calendar.version,
        school_days=sum(day <= today for day in record.clock.school_days()),
        decided_at=now,
    )


def by_hand(history: History, *, by: str, now: datetime, new_id: NewId) -> Decision:
    """Take down a person's own decision, with the unauthorised absences of the year so far."""
    return replace(decide(Kind.BY_HAND, BY_HAND, history, now=now, new_id=new_id), decided_by=by)


def bases(in_force: Sequence[Policy]) -> list[Basis]:
    """Return what a decision under these policies may rest on, a rule each."""
    return [
        Basis(policy.name, policy.version, rule) for policy in in_force for rule in policy.rules
    ]


class RuleInForce(NamedTuple):
    """A rule for the schools of one authority and the marks of one school year.

    `window` are the days whose marks can matter.
    """

    authority: str
    school_year: int
    basis: Basis
    window: Span


def rules_in_force(
    policies: Policies, school_years: Collection[int], today: date
) -> list[RuleInForce]:
    """Return every rule by which marks of these school years are judged today."""
    return [
        RuleInForce(authority, year, basis, basis.rule.measure.window(judged_on(year, today)))
        for year in sorted(school_years)
        for authority in policies.authorities
        for basis in bases(policies.for_year(authority, year, today))
    ]
