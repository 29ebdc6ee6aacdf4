"""The rules of thresholds: what counts, and what is decided.

A rule adds up sessions within a school year. A session counts when its mark has one of the rule's
codes and counts at all, by the platform's one rule (`attendance_contracts.counting`). The source of
the one rule shipped is Dudley's guide for social workers; see the policy file.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from attendance_contracts.calendar import SchoolCalendar, london_date, slot
from attendance_contracts.codes import SITE_SHUT
from attendance_contracts.counting import OnRoll, SchoolHours, counts
from escalation_service.absences.domain import AbsenceMark
from escalation_service.decisions.domain import BY_HAND, Basis, Decision, Kind, Run
from escalation_service.policies.domain import Policies, Policy, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that a rule needs to know of an enrolment's school year.

    Attributes:
        authority: code of the authority in whose area the school lies.
        starts_on: the first day on roll.
        ends_on: the last day on roll, None while it is open.
        hours: when the school's sessions begin.
        calendar: the school's; version 0 and empty when none is known.
        marks: the year's absences, and the sessions in which the site was shut, in order.
        standing: the decisions by which thresholds were met and not withdrawn.
    """

    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    authority: str
    starts_on: date
    ends_on: date | None
    hours: SchoolHours
    calendar: SchoolCalendar
    marks: tuple[AbsenceMark, ...]
    standing: tuple[Decision, ...] = ()

    def counted(self, rule: Rule, now: datetime) -> tuple[AbsenceMark, ...]:
        """Return the marks that count for a rule."""
        on_roll = OnRoll(self.starts_on, self.ends_on)
        return tuple(
            mark
            for mark in self.marks
            if mark.code in rule.codes
            and counts(
                mark.date,
                mark.session,
                on_roll=on_roll,
                sessions=self.calendar.sessions,
                begins_at=self.hours.begins_at(mark.date, mark.session),
                now=now,
            )
        )

    @property
    def clock(self) -> SchoolCalendar:
        """The calendar by which days and runs are counted: without those the site was shut in."""
        shut = (mark for mark in self.marks if mark.code in SITE_SHUT)
        return self.calendar.without(slot(mark.date, mark.session) for mark in shut)


NewId = Callable[[], UUID]


def evaluate(
    policy: Policy | None, history: History, *, now: datetime, new_id: NewId
) -> list[Decision]:
    """Decide what a policy says of an enrolment's year: thresholds newly met, thresholds withdrawn.

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
        if len(history.counted(decision.basis.rule, now)) < decision.basis.rule.sessions
    ]
    met = [
        decide(Kind.MET, basis, history, now=now, new_id=new_id)
        for basis in bases(policy)
        if (basis.policy, basis.rule.name) not in stands
        and len(history.counted(basis.rule, now)) >= basis.rule.sessions
    ]
    return withdrawn + met


def decide(kind: Kind, basis: Basis, history: History, *, now: datetime, new_id: NewId) -> Decision:
    """Take down a decision with everything it saw."""
    marks = history.counted(basis.rule, now)
    clock = history.clock
    today = london_date(now)
    return Decision(
        id=new_id(),
        kind=kind,
        enrolment_id=history.enrolment_id,
        child_id=history.child_id,
        school_id=history.school_id,
        basis=basis,
        school_year=history.calendar.school_year,
        marks=marks,
        run=longest_run(marks, clock),
        calendar_version=history.calendar.version,
        school_days=sum(day <= today for day in clock.school_days()),
        decided_at=now,
    )


def by_hand(history: History, *, by: str, now: datetime, new_id: NewId) -> Decision:
    """Take down a person's own decision, with the unauthorised absences of the year so far."""
    return replace(decide(Kind.BY_HAND, BY_HAND, history, now=now, new_id=new_id), decided_by=by)


def bases(policy: Policy | None) -> list[Basis]:
    """Return what a decision under a policy may rest on, a rule each; nothing without a policy."""
    if policy is None:
        return []
    return [Basis(policy.name, policy.version, rule) for rule in policy.rules]


class RuleInForce(NamedTuple):
    """A rule for the schools of one authority and the marks of one school year."""

    authority: str
    school_year: int
    basis: Basis


def rules_in_force(
    policies: Policies, school_years: Collection[int], today: date
) -> list[RuleInForce]:
    """Return every rule by which marks of these school years are judged today."""
    return [
        RuleInForce(authority, year, basis)
        for year in sorted(school_years)
        for authority in policies.authorities
        for basis in bases(policies.for_year(authority, year, today))
    ]


def longest_run(marks: Sequence[AbsenceMark], calendar: SchoolCalendar) -> Run:
    """Find the longest run of marks, given in order, with no other session of the school between.

    Ten continuous school days are twenty consecutive sessions, from whichever session they start;
    nights, weekends, holidays and days on which the site was shut break no run.
    """
    place = {held: index for index, held in enumerate(sorted(calendar.sessions))}
    longest = Run(0, None, None)
    current = longest
    expected = -1
    for mark in marks:
        index = place[slot(mark.date, mark.session)]
        first = current.first if index == expected else mark.date
        sessions = current.sessions + 1 if index == expected else 1
        current = Run(sessions, first, mark.date)
        longest = max(longest, current, key=lambda run: run.sessions)
        expected = index + 1
    return longest
