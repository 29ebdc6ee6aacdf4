"""What must hold of every measure in the registry; a new one is tried at once."""

from collections.abc import Sequence
from datetime import date
from typing import get_args, get_type_hints

from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import SchoolCalendar, in_utc, slot
from attendance_contracts.codes import ABSENCE, SITE_SHUT
from attendance_contracts.counting import OnRoll
from escalation_service.measures.domain import (
    MEASURES,
    AbsenceMark,
    Measure,
    Record,
    judged_on,
    word_of,
)
from escalation_testing.facts import HOURS, SCHOOL_DAYS, YEAR, both_sessions

DAYS = SCHOOL_DAYS[:6]
SESSIONS = both_sessions(DAYS)
CODES = sorted(ABSENCE)

some_days = st.lists(st.sampled_from(DAYS), unique=True, max_size=len(DAYS))


def told(kind: object) -> st.SearchStrategy[object]:
    """Whatever a policy file may give a measure as this kind of value; small numbers."""
    if kind == tuple[str, ...]:
        return st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True).map(tuple)
    return st.integers(1, 6) if kind is int else st.sampled_from(get_args(kind))


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    """A measure as any policy file might ask for it."""
    measure = MEASURES[draw(st.sampled_from(sorted(MEASURES)))]
    return measure(**{key: draw(told(kind)) for key, kind in get_type_hints(measure).items()})


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Some days of a year: marks in sessions that are held or not, on roll or not."""
    codes = draw(st.lists(st.sampled_from([*CODES, *SITE_SHUT, None]), max_size=len(SESSIONS)))
    return Record(
        on_roll=OnRoll(draw(st.sampled_from(DAYS)), draw(st.none() | st.sampled_from(DAYS))),
        hours=HOURS,
        calendar=calendar(draw(some_days)),
        marks=tuple(
            AbsenceMark(*held, code)
            for held, code in zip(SESSIONS, codes, strict=False)
            if code is not None
        ),
    )


def calendar(days: Sequence[date]) -> SchoolCalendar:
    return SchoolCalendar(YEAR, frozenset(slot(*held) for held in both_sessions(days)), version=1)


@given(measure=measures(), record=records(), day=st.sampled_from(DAYS), hour=st.integers(0, 23))
def test_the_wide_question_finds_everybody_for_whom_the_measure_decides(
    measure: Measure, record: Record, day: date, hour: int
) -> None:
    now = in_utc(day, HOURS.am_starts_at.replace(hour=hour))
    value = measure.value(record, now)
    codes, at_least = measure.wide_question()
    first, last = measure.window(judged_on(YEAR, day))
    found = [mark for mark in record.marks if mark.code in codes and first <= mark.date <= last]
    assert len(found) >= at_least or not measure.met(value)
    assert set(value.marks) <= set(found)
    assert first <= value.window.first <= value.window.last <= last


@given(measure=measures(), record=records(), day=st.sampled_from(DAYS))
def test_marks_of_codes_that_it_does_not_ask_about_change_nothing(
    measure: Measure, record: Record, day: date
) -> None:
    """So that a batch which brings only such marks need ask about nobody."""
    now = in_utc(day, HOURS.pm_starts_at)
    asked = measure.wide_question().codes
    kept = tuple(mark for mark in record.marks if mark.code in asked or mark.code in SITE_SHUT)
    others = Record(
        on_roll=record.on_roll, hours=record.hours, calendar=record.calendar, marks=kept
    )
    assert measure.value(record, now) == measure.value(others, now)


@given(measure=measures())
def test_a_measure_says_what_it_asks_and_has_a_word_of_its_own(measure: Measure) -> None:
    assert measure.asks()
    assert str(measure)
    assert MEASURES[word_of(measure)] is type(measure)
