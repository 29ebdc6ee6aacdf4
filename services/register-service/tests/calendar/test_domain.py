from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from attendance_contracts.calendar import Session, session_at, slot
from register_service.calendar.domain import (
    Closure,
    KeptYear,
    SchoolYear,
    Term,
    calendar_changed,
    check_year,
    decide_year,
    decide_years,
    sessions_of,
)
from register_service.lines.domain import State

AUTUMN = Term(date(2026, 9, 2), date(2026, 12, 18))
SPRING = Term(date(2027, 1, 4), date(2027, 3, 25))
HALF_TERM = tuple(Closure(date(2026, 10, 26) + timedelta(days=n), "half-term") for n in range(5))
YEAR = SchoolYear(school_id=uuid7(), year=2026, terms=(AUTUMN, SPRING), closures=HALF_TERM)

WEDNESDAY = date(2026, 9, 2)
SATURDAY = date(2026, 9, 5)


def pointers(year: SchoolYear) -> list[str]:
    return [fault.pointer for fault in check_year(year)]


def kept(year: SchoolYear) -> KeptYear:
    decision = decide_year(1, year, None)
    assert decision.kept is not None
    return decision.kept


@pytest.mark.parametrize(
    ("day", "session", "held"),
    [
        (WEDNESDAY, Session.AM, True),
        (WEDNESDAY, Session.PM, True),
        (SATURDAY, Session.AM, False),
        (date(2026, 9, 1), Session.AM, False),
        (date(2026, 10, 23), Session.PM, True),
        (date(2026, 10, 26), Session.AM, False),
        (date(2026, 10, 30), Session.PM, False),
        (date(2026, 12, 18), Session.PM, True),
        (date(2026, 12, 21), Session.AM, False),
        (date(2027, 1, 4), Session.AM, True),
    ],
)
def test_sessions_are_the_weekdays_of_terms_less_closures(
    day: date, session: Session, *, held: bool
) -> None:
    assert (slot(day, session) in sessions_of(YEAR)) is held


def test_a_closure_of_one_session_leaves_the_other() -> None:
    polling = Closure(WEDNESDAY, "polling-day", Session.PM)
    held = sessions_of(replace(YEAR, closures=(polling,)))
    assert slot(WEDNESDAY, Session.AM) in held
    assert slot(WEDNESDAY, Session.PM) not in held


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (replace(YEAR, year=2018), ["#/school_year"]),
        (replace(YEAR, year=2031), ["#/school_year"]),
        (replace(YEAR, terms=(), closures=()), ["#/terms"]),
        (
            replace(YEAR, terms=(Term(date(2026, 12, 18), date(2026, 9, 2)),), closures=()),
            ["#/terms/0/to"],
        ),
        (
            replace(YEAR, terms=(Term(date(2026, 8, 31), date(2026, 12, 18)),)),
            ["#/terms/0/from"],
        ),
        (
            replace(YEAR, terms=(AUTUMN, Term(date(2027, 6, 1), date(2027, 9, 1)))),
            ["#/terms/1/to"],
        ),
        (replace(YEAR, terms=(AUTUMN, Term(AUTUMN.last, SPRING.last))), ["#/terms/1/from"]),
        (replace(YEAR, terms=(SPRING, AUTUMN, SPRING)), ["#/terms/2/from"]),
        (
            replace(YEAR, closures=(Closure(date(2026, 12, 25), "bank-holiday"),)),
            ["#/closures/0/date"],
        ),
        (
            replace(YEAR, closures=(HALF_TERM[0], replace(HALF_TERM[0], session=Session.PM))),
            ["#/closures/1/date"],
        ),
        (
            replace(YEAR, terms=(Term(SATURDAY, SATURDAY),), closures=()),
            ["#/terms"],
        ),
    ],
)
def test_what_is_wrong_with_a_year_is_pointed_at(year: SchoolYear, expected: list[str]) -> None:
    assert pointers(year) == expected


def test_a_term_inside_another_and_one_that_overlaps_both_are_pointed_at() -> None:
    long = Term(date(2026, 9, 1), date(2027, 3, 25))
    assert pointers(replace(YEAR, terms=(long, AUTUMN, SPRING))) == [
        "#/terms/1/from",
        "#/terms/2/from",
    ]


def test_two_closures_may_share_a_day_when_each_has_its_own_session() -> None:
    halves = tuple(Closure(WEDNESDAY, "closure", half) for half in Session)
    assert pointers(replace(YEAR, closures=halves)) == []


def test_a_new_year_is_created_in_version_1() -> None:
    assert kept(YEAR).version == 1


def test_the_same_year_in_another_order_changes_nothing() -> None:
    shuffled = replace(YEAR, terms=(SPRING, AUTUMN), closures=tuple(reversed(HALF_TERM)))
    assert decide_year(1, shuffled, kept(YEAR)).state is State.UNCHANGED


def test_a_new_closure_moves_the_version_on() -> None:
    before = kept(YEAR)
    closed = replace(YEAR, closures=(*HALF_TERM, Closure(date(2026, 11, 27), "INSET")))
    decision = decide_year(1, closed, before)
    assert decision.state is State.CHANGED
    assert decision.kept is not None
    assert decision.kept.version == 2
    assert len(decision.kept.slots) == len(before.slots) - 2


def test_a_year_named_twice_in_one_request_is_taken_once() -> None:
    states = [decision.state for decision in decide_years({1: YEAR, 2: YEAR}, {})]
    assert states == [State.CREATED, State.REFUSED]


def test_a_school_out_of_reach_is_refused_and_its_neighbour_is_not() -> None:
    states = [decision.state for decision in decide_years({1: None, 2: YEAR}, {})]
    assert states == [State.REFUSED, State.CREATED]


def test_a_wrong_year_is_refused_with_its_faults() -> None:
    decision = decide_year(1, replace(YEAR, year=2031), None)
    assert decision.state is State.REFUSED
    assert decision.faults


def test_the_announcement_names_every_session() -> None:
    year = kept(YEAR)
    assert calendar_changed(year).slots == year.slots


days = st.dates(date(2026, 9, 1), date(2027, 8, 31))


@st.composite
def a_year(draw: st.DrawFn) -> SchoolYear:
    """A year of terms without overlap, whose closures lie inside them, in any order."""
    edges = sorted(draw(st.sets(days, min_size=2, max_size=8)))
    terms = [Term(*pair) for pair in zip(edges[::2], edges[1::2], strict=False)]
    inside = [day for day in draw(st.sets(days, max_size=20)) if any(day in t for t in terms)]
    closures = [Closure(day, "closure", draw(st.sampled_from([None, *Session]))) for day in inside]
    return replace(
        YEAR,
        terms=tuple(draw(st.permutations(terms))),
        closures=tuple(draw(st.permutations(closures))),
    )


@given(a_year())
def test_every_session_is_on_a_weekday_of_a_term_and_no_closure(year: SchoolYear) -> None:
    closed = {(closure.day, closure.session) for closure in year.closures}
    for held in sessions_of(year):
        day, half = session_at(2026, held)
        assert day.weekday() < 5
        assert any(day in term for term in year.terms)
        assert closed.isdisjoint({(day, half), (day, None)})


@given(st.data(), a_year())
def test_no_order_of_terms_and_closures_makes_another_year(
    data: st.DataObject, year: SchoolYear
) -> None:
    other = replace(
        year,
        terms=tuple(data.draw(st.permutations(year.terms))),
        closures=tuple(data.draw(st.permutations(year.closures))),
    )
    assert sessions_of(other) == sessions_of(year)
    assert len(check_year(other)) == len(check_year(year))


@given(a_year())
def test_sending_what_was_kept_changes_nothing(year: SchoolYear) -> None:
    first = decide_year(1, year, None)
    if first.kept is not None:
        assert decide_year(2, first.kept, first.kept).state is State.UNCHANGED
