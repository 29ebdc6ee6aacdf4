"""What a social worker is shown of one enrolment."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session, slot
from attendance_contracts.codes import ABSENCE, BY_NUMBER, NUMBER_OF
from attendance_contracts.counting import OnRoll
from attendance_contracts.measures import Tally
from reporting_service.caseload.domain import (
    ChildFigures,
    EnrolmentFigures,
    Missed,
    figures,
    school_view,
)
from reporting_service.projection.domain import (
    AHEAD,
    TO_COME,
    YearOfMarks,
    sessions_of,
    year_of,
)
from reporting_service.roll.domain import Enrolment
from reporting_service.schools.domain import School
from reporting_testing.facts import ASchool, new_id

AM, PM = Session.AM, Session.PM
MONDAY = date(2026, 9, 7)
FRIDAY = date(2026, 9, 18)
DURING_FRIDAY_MORNING = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)  # 09:00 in London
AFTER_FRIDAY = datetime(2026, 9, 18, 15, 0, tzinfo=UTC)
WEEKDAYS = tuple(MONDAY + timedelta(days=n) for n in range(12) if n % 7 < 5)
TAUGHT = tuple(slot(day, half) for day in WEEKDAYS for half in Session)

Marks = Mapping[tuple[date, Session], str]


def an_enrolment(*, starts_on: date = MONDAY, ends_on: date | None = None) -> Enrolment:
    return Enrolment(new_id(), new_id(), new_id(), starts_on, ends_on, "Y5", "5A", "main")


def a_year(marks: Marks) -> YearOfMarks:
    row = bytearray(732)
    for (day, half), code in marks.items():
        row[slot(day, half)] = NUMBER_OF[code]
    return year_of(bytes(row), sessions_of(OnRoll(MONDAY), 2026, TAUGHT))


def seen(
    marks: Marks,
    *,
    enrolment: Enrolment | None = None,
    now: datetime = AFTER_FRIDAY,
    school: School | None = None,
) -> EnrolmentFigures:
    view = school_view(UUID(int=1), school or ASchool().settings(), {2026: TAUGHT}, now)
    return figures(
        enrolment or an_enrolment(),
        view,
        {2026: a_year(marks)},
        open_cases=(),
        incomplete=frozenset(),
    )


@pytest.mark.parametrize(
    ("mark", "on_roll_until", "now", "expected"),
    [
        ("N", None, AFTER_FRIDAY, "absent"),
        ("L", None, AFTER_FRIDAY, "late"),
        ("U", None, AFTER_FRIDAY, "late"),
        ("/", None, AFTER_FRIDAY, "present"),
        ("D", None, AFTER_FRIDAY, "elsewhere"),
        ("Y4", None, AFTER_FRIDAY, "not required"),
        (None, None, AFTER_FRIDAY, "missing"),
        (None, None, DURING_FRIDAY_MORNING, "awaited"),
        (None, MONDAY, AFTER_FRIDAY, "not on roll"),
        (None, None, AFTER_FRIDAY + timedelta(days=1), "no session"),
        ("N", MONDAY, AFTER_FRIDAY, "not on roll"),
    ],
)
def test_a_session_of_today_says_where_the_child_is_or_why_nobody_knows(
    mark: str | None, on_roll_until: date | None, now: datetime, expected: str
) -> None:
    marks = {} if mark is None else {(FRIDAY, AM): mark}

    morning, _ = seen(marks, enrolment=an_enrolment(ends_on=on_roll_until), now=now).today

    assert morning.state == expected
    assert morning.code == (None if expected == "not on roll" else mark)


def test_a_planned_mark_is_shown_as_such_and_is_in_no_figure() -> None:
    """Friday's afternoon, and nothing more: a mark of the morning counts, though entered ahead."""
    row = bytearray(732)
    row[slot(FRIDAY, AM)] = NUMBER_OF["I"] | AHEAD
    row[slot(FRIDAY, PM)] = NUMBER_OF["I"] | AHEAD | TO_COME
    view = school_view(UUID(int=1), ASchool().settings(), {2026: TAUGHT}, DURING_FRIDAY_MORNING)
    year = year_of(bytes(row), sessions_of(OnRoll(MONDAY), 2026, TAUGHT))

    found = figures(an_enrolment(), view, {2026: year}, open_cases=(), incomplete=frozenset())

    morning, afternoon = found.today
    assert (morning.state, morning.code) == ("absent", "I")
    assert (afternoon.state, afternoon.code, afternoon.meaning) == ("planned", "I", "illness")
    assert found.year.tally == found.recent.tally == Tally(authorised=1)
    assert found.planned_absences == 1


def test_marks_of_others_sessions_are_in_no_figure() -> None:
    """A late arrival after the last day on roll, and one on a day that the calendar lost."""
    on_roll = OnRoll(MONDAY, FRIDAY - timedelta(days=1))
    held = tuple(place for place in TAUGHT if place != slot(MONDAY, AM))
    marked = a_year({(MONDAY, AM): "U", (MONDAY, PM): "L", (FRIDAY, AM): "U"})
    year = year_of(marked.marks, sessions_of(on_roll, 2026, held))
    view = school_view(UUID(int=1), ASchool().settings(), {2026: held}, AFTER_FRIDAY)
    enrolment = an_enrolment(ends_on=on_roll.last)

    found = figures(enrolment, view, {2026: year}, open_cases=(), incomplete=frozenset())

    assert found.year.tally == found.recent.tally == Tally(attended=1)
    assert (found.late_sessions, found.planned_absences) == (1, 0)


def test_five_days_in_two_weeks_are_thirty_five_hours_at_seven_a_day() -> None:
    """Dudley's worked example, whose schools have seven hours a day."""
    marks = {(day, half): "I" for day in WEEKDAYS[:5] for half in Session}

    found = seen(marks, school=ASchool().settings(hours_per_day="7"))

    assert found.recent.days == Decimal(5)
    assert found.recent.hours == Decimal(35)


def test_six_days_of_six_hours_twenty_five_are_thirty_eight_hours_and_a_half() -> None:
    marks = {(day, half): "I" for day in WEEKDAYS[:6] for half in Session}

    found = seen(marks, school=ASchool().settings(hours_per_day="6.4167"))

    assert found.year.hours == Decimal("38.5")


def test_authorised_and_unauthorised_absence_are_told_apart() -> None:
    found = seen({(MONDAY, AM): "I", (MONDAY, PM): "N", (FRIDAY, AM): "U", (FRIDAY, PM): "\\"})

    assert found.year.tally == Tally(attended=1, authorised=1, unauthorised=2)
    assert found.recent.tally == found.year.tally
    assert found.late_sessions == 1


@pytest.mark.parametrize(
    ("enrolment", "now", "expected"),
    [
        (an_enrolment(), AFTER_FRIDAY, 20),
        (an_enrolment(), DURING_FRIDAY_MORNING, 18),  # today's registers are open or to come
        (an_enrolment(starts_on=FRIDAY), AFTER_FRIDAY, 2),
        (an_enrolment(ends_on=MONDAY), AFTER_FRIDAY, 2),
        (an_enrolment(starts_on=date(2025, 9, 1), ends_on=date(2026, 7, 17)), AFTER_FRIDAY, 0),
        (an_enrolment(starts_on=date(2027, 9, 1)), AFTER_FRIDAY, 0),
    ],
)
def test_missing_marks_are_closed_sessions_while_on_roll(
    enrolment: Enrolment, now: datetime, expected: int
) -> None:
    assert seen({}, enrolment=enrolment, now=now).missing_marks == expected


def test_a_mark_of_any_kind_is_not_missing() -> None:
    assert seen({(MONDAY, AM): "#", (MONDAY, PM): "D"}).missing_marks == 18


def test_without_settings_sessions_are_counted_and_hours_are_not_guessed() -> None:
    view = school_view(UUID(int=1), None, {2026: TAUGHT}, AFTER_FRIDAY)
    found = figures(
        an_enrolment(),
        view,
        {2026: a_year({(MONDAY, AM): "N"})},
        open_cases=(),
        incomplete=frozenset(),
    )

    assert (found.recent.tally.absent, found.recent.hours) == (1, None)
    assert found.missing_marks == 17
    assert (Missed() + found.recent).hours is None


def test_the_child_is_a_sum_over_its_enrolments_with_each_schools_own_hours() -> None:
    long_days = seen({(MONDAY, AM): "I"}, school=ASchool().settings(hours_per_day="7"))
    short_days = seen({(MONDAY, PM): "N"}, school=ASchool().settings(hours_per_day="6"))

    child = ChildFigures(new_id(), [], [long_days, short_days])

    assert child.year == Missed(Tally(authorised=1, unauthorised=1), Decimal("6.5"))
    assert child.recent == child.year


def test_an_event_that_could_not_be_applied_is_said_of_the_enrolments_it_concerns() -> None:
    enrolment = an_enrolment()
    view = school_view(enrolment.school_id, None, {}, AFTER_FRIDAY)

    for key in (
        str(enrolment.school_id),
        f"{enrolment.school_id}/calendar/2026",
        str(enrolment.id),
        str(enrolment.child_id),
    ):
        assert figures(enrolment, view, {}, open_cases=(), incomplete={key}).is_incomplete
    assert not figures(enrolment, view, {}, open_cases=(), incomplete={"other"}).is_incomplete


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(WEEKDAYS), st.sampled_from(Session)),
        st.sampled_from(sorted(NUMBER_OF)),
    )
)
def test_every_session_of_the_calendar_is_marked_or_missing(marks: Marks) -> None:
    found = seen(marks)

    assert found.missing_marks + len(marks) == len(TAUGHT)
    assert found.recent.tally.absent == sum(code in ABSENCE for code in marks.values())
    assert found.year.days * 2 == found.year.tally.absent
    assert found.year.tally.possible == sum(
        BY_NUMBER[NUMBER_OF[code]].is_possible for code in marks.values()
    )
