"""A decision must be understood by somebody who was not there."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from attendance_contracts.calendar import Session
from escalation_service.decisions.domain import BY_HAND, Basis, Decision, Kind
from escalation_service.explanations.domain import Sequel, explain
from escalation_service.measures.domain import AbsenceMark, Run, Sessions, Span, Value
from escalation_service.policies.domain import Rule

DECIDED = datetime(2026, 9, 3, 9, 31, tzinfo=UTC)
VALUE = Value(
    number=3,
    window=Span(date(2026, 9, 1), date(2027, 8, 31)),
    marks=(
        AbsenceMark(date(2026, 9, 1), Session.AM, "N"),
        AbsenceMark(date(2026, 9, 1), Session.PM, "O"),
        AbsenceMark(date(2026, 9, 3), Session.AM, "O"),
    ),
    run=Run(2, date(2026, 9, 1), date(2026, 9, 1)),
)
NOTHING = Value(number=0, window=VALUE.window, marks=(), run=Run(0, None, None))
MET = Decision(
    id=UUID(int=1),
    kind=Kind.MET,
    enrolment_id=UUID(int=2),
    child_id=UUID(int=3),
    school_id=UUID(int=4),
    basis=Basis(
        "dudley",
        1,
        Rule(name="two", title="Two sessions", measure=Sessions(count=("N", "O"), sessions=2)),
    ),
    school_year=2026,
    value=VALUE,
    calendar_version=5,
    school_days=3,
    decided_at=DECIDED,
)


def test_a_met_threshold_names_rule_version_window_marks_and_case() -> None:
    rule, count, marks, run, case = explain(MET, Sequel(case_id=UUID(int=9)))
    assert rule == (
        "The threshold of the rule two (Two sessions) of the policy dudley, version 1, was met on "
        "3 September 2026: 2 sessions or more coded N (reason not yet established) or O (other or "
        "unknown circumstances), added up within a school year."
    )
    assert count == (
        "3 sessions counted in the school year 2026/27, from 1 September 2026 to 31 August 2027; "
        "by the day of the decision the school had met on 3 days of it (version 5 of its calendar)."
    )
    assert marks == "The marks counted are: 1 September 2026 AM N and PM O; 3 September 2026 AM O."
    assert run == (
        "The longest unbroken run is 2 sessions, from 1 September 2026 to 1 September 2026; "
        "the rule does not ask for one."
    )
    assert case == "It opened the case 00000000-0000-0000-0000-000000000009, which is open."


def test_a_withdrawn_threshold_tells_what_became_of_it() -> None:
    withdrawal = replace(
        MET,
        id=UUID(int=8),
        kind=Kind.WITHDRAWN,
        value=replace(VALUE, number=1, marks=VALUE.marks[:1]),
        withdraws=MET.id,
    )
    sequel = Sequel(
        case_id=UUID(int=9),
        case_closed_at=DECIDED,
        case_outcome="threshold-withdrawn",
        withdrawal=withdrawal,
    )
    *_, case, taken_back = explain(MET, sequel)
    assert case.endswith("closed on 3 September 2026 with the outcome threshold-withdrawn.")
    assert taken_back == (
        "It was withdrawn on 3 September 2026, when corrections had left 1 session "
        "(decision 00000000-0000-0000-0000-000000000008)."
    )
    assert "is no longer met and was withdrawn on 3 September" in explain(withdrawal, Sequel())[0]


def test_a_persons_own_decision_says_that_no_rule_was_applied() -> None:
    by_hand = replace(
        MET, kind=Kind.BY_HAND, basis=BY_HAND, value=NOTHING, calendar_version=0, school_days=0
    )
    first, count = explain(by_hand, Sequel())
    assert first.startswith("A person opened a case by hand on 3 September 2026; no rule was")
    assert "the school's calendar for it was not known" in count


def test_a_decision_of_the_last_evening_of_summer_time_is_dated_in_england() -> None:
    late = replace(MET, decided_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert "was met on 1 July 2026" in explain(late, Sequel())[0]
