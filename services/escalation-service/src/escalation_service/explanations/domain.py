"""A decision in plain English, for somebody who has to stand by it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from attendance_contracts.calendar import london_date
from escalation_service.decisions.domain import Decision, Kind
from escalation_service.measures.domain import AbsenceMark, coded, said, so_many


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequel:
    """What came of a decision.

    Attributes:
        case_id: the case it opened, if it did.
        case_closed_at: when that case was closed, if it was.
        case_outcome: how that case ended.
        withdrawal: the decision that took this one back.
    """

    case_id: UUID | None = None
    case_closed_at: datetime | None = None
    case_outcome: str | None = None
    withdrawal: Decision | None = None


def explain(decision: Decision, sequel: Sequel) -> list[str]:
    """Say which rule was applied, what was counted, and what it led to, a sentence each."""
    return [
        _rule(decision),
        _value(decision),
        *_marks(decision.value.marks),
        *_beside(decision),
        *_sequel(sequel),
    ]


def _rule(decision: Decision) -> str:
    basis = decision.basis
    measure = basis.rule.measure
    if decision.kind is Kind.BY_HAND:
        codes = coded(measure.wide_question().codes)
        return (
            f"A person opened a case by hand on {_said(decision.decided_at)}; no rule was "
            f"applied. Shown are the sessions coded {codes} at that time."
        )
    done = "was met" if decision.kind is Kind.MET else "is no longer met and was withdrawn"
    return (
        f"The threshold of the rule {basis.rule.name} ({basis.rule.title}) of the policy "
        f"{basis.policy}, version {basis.version}, {done} on {_said(decision.decided_at)}: "
        f"{measure.asks()}."
    )


def _value(decision: Decision) -> str:
    calendar = (
        f"the school had met on {decision.school_days} days of it "
        f"(version {decision.calendar_version} of its calendar)"
        if decision.calendar_version
        else "the school's calendar for it was not known"
    )
    read = decision.basis.rule.measure.words(decision.value)
    return f"{read}; by the day of the decision {calendar}."


def _marks(marks: Sequence[AbsenceMark]) -> Iterable[str]:
    if not marks:
        return []
    days = [
        f"{said(day)} {' and '.join(f'{mark.session} {mark.code}' for mark in of_day)}"
        for day, of_day in groupby(marks, key=lambda mark: mark.date)
    ]
    return [f"The marks counted are: {'; '.join(days)}."]


def _beside(decision: Decision) -> Iterable[str]:
    beside = decision.basis.rule.measure.beside(decision.value)
    return [] if beside is None or decision.kind is Kind.BY_HAND else [beside]


def _sequel(sequel: Sequel) -> Iterable[str]:
    if sequel.case_id is not None and sequel.case_closed_at is None:
        yield f"It opened the case {sequel.case_id}, which is open."
    if sequel.case_id is not None and sequel.case_closed_at is not None:
        yield (
            f"It opened the case {sequel.case_id}, which was closed on "
            f"{_said(sequel.case_closed_at)} with the outcome {sequel.case_outcome}."
        )
    if sequel.withdrawal is not None:
        yield (
            f"It was withdrawn on {_said(sequel.withdrawal.decided_at)}, when corrections had "
            f"left {so_many(len(sequel.withdrawal.value.marks))} (decision {sequel.withdrawal.id})."
        )


def _said(moment: datetime) -> str:
    return said(london_date(moment))
