"""When registers are looked at."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session
from register_service.missing.domain import Hours, begin_at, place_from, place_of

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
HOURS = Hours(
    am_starts_at=time(8, 50),
    pm_starts_at=time(13, 0),
    register_open_minutes=30,
    contact_grace_minutes=5,
    version=1,
)


def moment(clock_time: str, day: date = MONDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock_time}:00Z")


@pytest.mark.parametrize(
    ("day", "session", "due"),
    [
        (MONDAY, Session.AM, "2026-09-07T08:25:00Z"),
        (MONDAY, Session.PM, "2026-09-07T12:35:00Z"),
        (date(2026, 11, 2), Session.AM, "2026-11-02T09:25:00Z"),
    ],
    ids=["summer time", "afternoon", "winter time"],
)
def test_a_register_is_looked_at_at_closing_plus_grace(
    day: date, session: Session, due: str
) -> None:
    assert HOURS.due_at(place_of(day, session)) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("grace", "own", "morning", "afternoon"),
    [
        (5, None, "08:25", "12:35"),
        (20, None, "08:40", "12:50"),
        (5, 5, "08:25", "12:35"),
        (5, 45, "09:05", "13:15"),
        (0, 240, "12:20", "16:30"),
    ],
    ids=["the grace", "a long grace", "the same", "later", "as late as can be"],
)
def test_a_school_may_be_asked_later_than_its_families_are_told(
    grace: int, own: int | None, morning: str, afternoon: str
) -> None:
    hours = replace(HOURS, contact_grace_minutes=grace, register_missing_after_minutes=own)
    due = [hours.due_at(place_of(MONDAY, session)) for session in Session]
    assert due == [moment(morning), moment(afternoon)]


@pytest.mark.parametrize(
    ("now", "standing", "begins"),
    [
        ("08:24", None, "2026-09-07 AM"),
        ("08:25", None, "2026-09-07 PM"),
        ("12:35", None, "2026-09-08 AM"),
        ("12:34", "2026-09-07 AM", "2026-09-07 AM"),
        ("12:34", "2026-09-03 PM", "2026-09-03 PM"),
        ("08:00", "2026-09-08 AM", "2026-09-07 AM"),
    ],
    ids=[
        "before the morning's",
        "the morning's is past",
        "the day's are past",
        "a look that is overdue is kept",
        "also after days",
        "a session put in before the next one",
    ],
)
def test_a_changed_plan_begins_with_what_is_not_yet_looked_at(
    now: str, standing: str | None, begins: str
) -> None:
    place = None if standing is None else place_from(standing)
    assert str(begin_at(HOURS, place, moment(now))) == begins


SESSIONS = st.tuples(st.dates(date(2019, 9, 1), date(2031, 8, 31)), st.sampled_from(Session))


@given(SESSIONS)
def test_a_place_is_read_as_it_was_written(session: tuple[date, Session]) -> None:
    place = place_of(*session)
    assert place_from(str(place)) == place
    assert place.session() == session


@given(SESSIONS, SESSIONS)
def test_places_are_in_order_of_time(one: tuple[date, Session], two: tuple[date, Session]) -> None:
    assert (place_of(*one) < place_of(*two)) is (one < two)
    if one < two:
        assert place_of(*one).following() <= place_of(*two)
