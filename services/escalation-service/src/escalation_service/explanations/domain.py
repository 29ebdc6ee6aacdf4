"""A decision in plain English, for somebody who has to stand by it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import (
    london_date,
    school_year_ends,
    school_year_starts,
    year_label,
)
from attendance_contracts.codes import CODES
from escalation_service.absences.domain import AbsenceMark
from escalation_service.decisions.domain import Decision, Kind

_MEANING: Final = {code.code: code.meaning for code in CODES}


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
        _count(decision),
        *_marks(decision.marks),
        *_run(decision),
        *_sequel(sequel),
    ]


def _rule(decision: Decision) -> str:
    basis = decision.basis
    codes = _listed([f"{code} ({_MEANING[code]})" for code in basis.rule.codes], "or")
    if decision.kind is Kind.BY_HAND:
        return (
            f"A person opened a case by hand on {_said(decision.decided_at)}; no rule was "
            f"applied. Shown are the sessions coded {codes} at that time."
        )
    done = "was met" if decision.kind is Kind.MET else "is no longer met and was withdrawn"
    return (
        f"The threshold of the rule {basis.rule.name} ({basis.rule.title}) of the policy "
        f"{basis.policy}, version {basis.version}, {done} on {_said(decision.decided_at)}: "
        f"{basis.rule.sessions} sessions or more coded {codes}, added up within a school year."
    )


def _count(decision: Decision) -> str:
    year = decision.school_year
    calendar = (
        f"the school had met on {decision.school_days} days of it "
        f"(version {decision.calendar_version} of its calendar)"
        if decision.calendar_version
        else "the school's calendar for it was not known"
    )
    return (
        f"{_sessions(decision.sessions)} counted in the school year {year_label(year)}, "
        f"from {_day(school_year_starts(year))} to {_day(school_year_ends(year))}; "
        f"by the day of the decision {calendar}."
    )


def _marks(marks: Sequence[AbsenceMark]) -> Iterable[str]:
    if not marks:
        return []
    days = [
        f"{_day(day)} {' and '.join(f'{mark.session} {mark.code}' for mark in of_day)}"
        for day, of_day in groupby(marks, key=lambda mark: mark.date)
    ]
    return [f"The marks counted are: {'; '.join(days)}."]


def _run(decision: Decision) -> Iterable[str]:
    run = decision.run
    if run.first is None or run.last is None or decision.kind is Kind.BY_HAND:
        return []
    days = f"from {_day(run.first)} to {_day(run.last)}"
    longest = f"The longest unbroken run is {_sessions(run.sessions)}, {days}"
    return [f"{longest}; the rule does not ask for one."]


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
            f"left {_sessions(sequel.withdrawal.sessions)} (decision {sequel.withdrawal.id})."
        )


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _said(moment: datetime) -> str:
    return _day(london_date(moment))


def _listed(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
