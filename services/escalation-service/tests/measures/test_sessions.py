"""The measure `sessions`, as a table of cases: what it counts, over which days, in which words.

Source of the one rule shipped: Dudley's guide for social workers; see the policy file.
"""

from datetime import UTC, date, datetime

import pytest

from attendance_contracts.calendar import SchoolCalendar, Session, slot
from attendance_contracts.counting import OnRoll
from escalation_service.measures.domain import AbsenceMark, Record, Sessions, Span, Value
from escalation_testing.facts import HOURS, SCHOOL_DAYS, YEAR, both_sessions

SESSIONS = both_sessions(SCHOOL_DAYS)
CALENDAR = SchoolCalendar(YEAR, frozenset(slot(*held) for held in SESSIONS), version=1)
THREE = Sessions(count=("N", "O"), sessions=3)
NOVEMBER = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)


def read(codes: str, now: datetime = NOVEMBER, *, since: date = SCHOOL_DAYS[0]) -> Value:
    """What is read of a child whose first sessions have these codes; `.` is no absence."""
    marks = (
        AbsenceMark(*held, code) for held, code in zip(SESSIONS, codes, strict=False) if code != "."
    )
    record = Record(on_roll=OnRoll(since), hours=HOURS, calendar=CALENDAR, marks=tuple(marks))
    return THREE.value(record, now)


@pytest.mark.parametrize(
    ("codes", "number", "met"),
    [("", 0, False), ("OO", 2, False), ("O.N.O", 3, True), ("NIO", 2, False), ("NNNN", 4, True)],
)
def test_the_sessions_of_its_codes_are_added_up(codes: str, number: int, *, met: bool) -> None:
    value = read(codes)
    assert (value.number, THREE.met(value)) == (number, met)
    assert {mark.code for mark in value.marks} <= {"N", "O"}


def test_a_session_that_has_not_begun_and_one_before_the_roll_are_not_counted() -> None:
    first_afternoon = datetime(2026, 9, 1, 13, 30, tzinfo=UTC)
    assert read("OOOO", first_afternoon).number == 2
    assert read("OOOO", since=SCHOOL_DAYS[1]).number == 2


@pytest.mark.parametrize(
    ("today", "year"),
    [(date(2026, 9, 1), 2026), (date(2027, 8, 31), 2026), (date(2027, 9, 1), 2027)],
)
def test_its_window_is_the_school_year_of_the_day(today: date, year: int) -> None:
    assert THREE.window(today) == Span(date(year, 9, 1), date(year + 1, 8, 31))


def test_a_year_that_is_over_is_read_over_its_own_days() -> None:
    value = read("OOO", datetime(2027, 9, 10, 9, 0, tzinfo=UTC))
    assert (value.number, value.window) == (3, Span(date(2026, 9, 1), date(2027, 8, 31)))


def test_it_says_what_it_asks_and_what_it_read() -> None:
    assert str(THREE) == "3 sessions or more of N O in a school year"
    assert THREE.asks() == (
        "3 sessions or more coded N (reason not yet established) or O (other or unknown "
        "circumstances), added up within a school year"
    )
    value = read("OO.O")
    assert THREE.words(value) == (
        "3 sessions counted in the school year 2026/27, from 1 September 2026 to 31 August 2027"
    )
    assert THREE.beside(value) == (
        "The longest unbroken run is 2 sessions, from 1 September 2026 to 1 September 2026; "
        "the rule does not ask for one."
    )
    assert THREE.beside(read("")) is None


def test_the_longest_run_is_the_first_of_its_length() -> None:
    run = read("OO.NN").run
    assert (run.sessions, run.first, run.last) == (2, SCHOOL_DAYS[0], SCHOOL_DAYS[0])
    assert SESSIONS[0] == (SCHOOL_DAYS[0], Session.AM)
