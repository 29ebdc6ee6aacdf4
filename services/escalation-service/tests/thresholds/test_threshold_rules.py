"""The rule of a threshold, as tables of cases and properties."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import SchoolCalendar, Session, slot
from attendance_contracts.counting import OnRoll
from escalation_service.decisions.domain import Decision, Kind
from escalation_service.measures.domain import AbsenceMark, Record, Run, Sessions
from escalation_service.policies.domain import Policy, Rule
from escalation_service.thresholds import domain
from escalation_service.thresholds.domain import History
from escalation_testing.facts import HOURS, SCHOOL_DAYS, YEAR, both_sessions

NOW = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)
TEN_DAYS = Rule(
    name="ten-days",
    title="Ten days",
    measure=Sessions(count=("G", "N", "O", "U"), sessions=20),
)
POLICY = Policy(
    name="dudley",
    version=1,
    authority="332",
    in_force_from=date(2024, 8, 19),
    source="A guide",
    rules=(TEN_DAYS,),
)
SESSIONS = both_sessions(SCHOOL_DAYS)
THIRTY = replace(TEN_DAYS, measure=Sessions(count=("G", "N", "O", "U"), sessions=30))
CALENDAR = SchoolCalendar(YEAR, frozenset(slot(day, half) for day, half in SESSIONS), version=3)


def a_history(
    codes: str | list[str], *, standing: tuple[Decision, ...] = (), ends_on: date | None = None
) -> History:
    """A year whose first sessions have these codes; `.` is a session without an absence."""
    return History(
        enrolment_id=UUID(int=1),
        child_id=UUID(int=2),
        school_id=UUID(int=3),
        authority="332",
        record=Record(
            on_roll=OnRoll(date(YEAR, 9, 1), ends_on),
            hours=HOURS,
            calendar=CALENDAR,
            marks=tuple(
                AbsenceMark(day, half, code)
                for (day, half), code in zip(SESSIONS, codes, strict=False)
                if code != "."
            ),
        ),
        standing=standing,
    )


def evaluate(history: History, *in_force: Policy) -> list[Decision]:
    return domain.evaluate(in_force or [POLICY], history, now=NOW, new_id=uuid4)


def met(history: History) -> Decision:
    [decision] = evaluate(history)
    return decision


@pytest.mark.parametrize(
    ("codes", "is_met"),
    [
        ("", False),
        ("O" * 19, False),
        ("O" * 20, True),
        ("O" * 21, True),
        ("GNOU" * 5, True),
        ("O" * 19 + "I", False),
        ("I" * 60, False),
        ("O." * 20, True),
        ("O" * 10 + "." * 97 + "N" * 10, True),
        ("O" * 10 + "." * 98 + "N" * 10, False),
    ],
)
def test_twenty_unauthorised_sessions_meet_the_threshold(codes: str, *, is_met: bool) -> None:
    """In the morning of the fifty-ninth school day; its afternoon is still planned."""
    decisions = evaluate(a_history(codes))
    assert [decision.kind for decision in decisions] == ([Kind.MET] if is_met else [])


def test_a_decision_keeps_everything_it_saw() -> None:
    decision = met(a_history("I" + "O" * 10 + "." + "U" * 10))
    assert (decision.basis.policy, decision.basis.version) == ("dudley", 1)
    assert decision.basis.rule == TEN_DAYS
    assert decision.school_year == 2026
    assert decision.value.number == 20
    assert decision.value.marks[0] == AbsenceMark(date(2026, 9, 1), Session.PM, "O")
    assert {mark.code for mark in decision.value.marks} == {"O", "U"}
    assert decision.calendar_version == 3
    assert decision.school_days == SCHOOL_DAYS.index(date(2026, 11, 20)) + 1
    assert decision.decided_at == NOW


def test_a_threshold_that_stands_is_not_met_again() -> None:
    standing = met(a_history("O" * 20))
    assert evaluate(a_history("O" * 25, standing=(standing,))) == []


def test_a_correction_below_the_threshold_withdraws_it() -> None:
    standing = met(a_history("O" * 20))
    [withdrawal] = evaluate(a_history("O" * 19 + "I", standing=(standing,)))
    assert withdrawal.kind is Kind.WITHDRAWN
    assert withdrawal.withdraws == standing.id
    assert withdrawal.value.number == 19


def test_a_withdrawn_threshold_can_be_met_again() -> None:
    assert met(a_history("O" * 20)).id != met(a_history("O" * 20)).id


@pytest.mark.parametrize(
    ("calendar", "ends_on", "is_met"),
    [
        (CALENDAR, None, True),
        (CALENDAR.without({slot(date(2026, 9, 1), Session.AM)}), None, False),
        (CALENDAR, date(2026, 9, 14), True),
        (CALENDAR, date(2026, 9, 11), False),
        (SchoolCalendar(YEAR, frozenset(), version=0), None, False),
    ],
)
def test_a_mark_counts_in_a_session_of_the_calendar_while_on_roll(
    calendar: SchoolCalendar, ends_on: date | None, *, is_met: bool
) -> None:
    history = a_history("O" * 20, ends_on=ends_on)
    history = replace(history, record=replace(history.record, calendar=calendar))
    assert bool(evaluate(history)) == is_met


def test_a_mark_before_the_first_day_on_roll_does_not_count() -> None:
    history = a_history("O" * 20)
    late = replace(history.record, on_roll=OnRoll(date(2026, 9, 2)))
    assert evaluate(replace(history, record=late)) == []


def test_a_standing_threshold_is_judged_by_the_rule_that_was_applied() -> None:
    standing = met(a_history("O" * 20))
    stricter = replace(POLICY, version=2, rules=(THIRTY,))
    assert evaluate(a_history("O" * 20, standing=(standing,)), stricter) == []
    [withdrawal] = evaluate(a_history("O" * 19, standing=(standing,)), stricter)
    assert withdrawal.basis == standing.basis


def test_a_school_under_no_policy_meets_no_threshold_but_loses_one() -> None:
    standing = met(a_history("O" * 20))
    for codes, kinds in (("O" * 40, []), ("O" * 19, [Kind.WITHDRAWN])):
        history = a_history(codes, standing=(standing,) if kinds else ())
        decisions = domain.evaluate([], history, now=NOW, new_id=uuid4)
        assert [decision.kind for decision in decisions] == kinds


def test_each_policy_of_an_authority_decides_for_itself() -> None:
    """A rule of one name in two policies is two rules."""
    framework = replace(POLICY, name="framework", version=4)
    history = a_history("O" * 20)
    decisions = evaluate(history, POLICY, framework)
    assert [decision.basis.policy for decision in decisions] == ["dudley", "framework"]
    [second] = evaluate(replace(history, standing=(decisions[0],)), POLICY, framework)
    assert (second.kind, second.basis.policy) == (Kind.MET, "framework")


def test_a_persons_own_decision_shows_the_unauthorised_absences() -> None:
    decision = domain.by_hand(a_history("OOI"), by="officer-1", now=NOW, new_id=uuid4)
    assert (decision.kind, decision.decided_by) == (Kind.BY_HAND, "officer-1")
    assert decision.value.number == 2


@pytest.mark.parametrize(
    ("codes", "run"),
    [
        ("", Run(0, None, None)),
        ("O", Run(1, date(2026, 9, 1), date(2026, 9, 1))),
        ("OO.O", Run(2, date(2026, 9, 1), date(2026, 9, 1))),
        ("O..OOO", Run(3, date(2026, 9, 2), date(2026, 9, 3))),
        ("." + "O" * 20, Run(20, date(2026, 9, 1), date(2026, 9, 15))),
        ("OOIOO", Run(2, date(2026, 9, 1), date(2026, 9, 1))),
    ],
)
def test_the_longest_run_is_of_consecutive_sessions(codes: str, run: Run) -> None:
    history = a_history(codes)
    assert TEN_DAYS.measure.value(history.record, NOW).run == run


@pytest.mark.parametrize(
    ("codes", "run", "school_days"),
    [
        ("O" * 10 + "YY" + "O" * 10, Run(20, date(2026, 9, 1), date(2026, 9, 15)), 58),
        ("O" * 10 + "Y" + "O" * 10, Run(20, date(2026, 9, 1), date(2026, 9, 15)), 59),
        ("O" * 10 + ".." + "O" * 10, Run(10, date(2026, 9, 1), date(2026, 9, 7)), 59),
        ("YY" * 3 + "O" * 20, Run(20, date(2026, 9, 4), date(2026, 9, 17)), 56),
    ],
    ids=["a day shut", "a morning shut", "a day at school", "shut before"],
)
def test_a_session_in_which_the_site_was_shut_is_none_for_runs_and_days(
    codes: str, run: Run, school_days: int
) -> None:
    """A snow day (`Y4`, here `Y`) breaks no run, makes none longer and is no school day."""
    decision = met(a_history(["Y4" if code == "Y" else code for code in codes]))
    assert (decision.value.run, decision.value.number, decision.school_days) == (
        run,
        20,
        school_days,
    )


def test_weekends_break_no_run() -> None:
    decision = met(a_history("O" * 20))
    assert decision.value.run == Run(20, date(2026, 9, 1), date(2026, 9, 14))


def test_a_withdrawal_names_the_decision_that_it_ends() -> None:
    standing = met(a_history("O" * 20))
    [withdrawal] = evaluate(a_history("O" * 19, standing=(standing,)))
    assert withdrawal.withdraws == standing.id
    assert (standing.value.number, withdrawal.value.number) == (20, 19)


codes_of_a_year = st.lists(st.sampled_from("GNOUI./"), max_size=117).map(
    lambda codes: ["." if code == "/" else code for code in codes]
)


@given(codes_of_a_year)
def test_after_its_decision_a_rule_has_nothing_more_to_say(codes: list[str]) -> None:
    first = evaluate(a_history(codes))
    standing = tuple(decision for decision in first if decision.kind is Kind.MET)
    assert evaluate(a_history(codes, standing=standing)) == []


@given(codes_of_a_year, codes_of_a_year)
def test_what_stands_is_what_the_marks_say_now_whatever_they_said_before(
    before: list[str], after: list[str]
) -> None:
    standing = tuple(evaluate(a_history(before)))
    news = evaluate(a_history(after, standing=standing))
    stands = bool(standing) != bool(news)
    assert stands == (sum(code in "GNOU" for code in after) >= 20)


@given(codes_of_a_year)
def test_the_longest_run_is_never_longer_than_the_count(codes: list[str]) -> None:
    value = TEN_DAYS.measure.value(a_history(codes).record, NOW)
    run = value.run
    assert run.sessions <= value.number
    assert (run.sessions == 0) == (not value.marks)
    if run.first and run.last:
        assert run.last - run.first < timedelta(days=YEAR)
