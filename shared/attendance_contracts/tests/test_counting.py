"""When a mark counts, and when it shows that a register was taken."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import (
    SLOTS_PER_YEAR,
    Session,
    in_utc,
    school_year_ends,
    school_year_starts,
    session_at,
    slot,
)
from attendance_contracts.codes import NUMBER_OF
from attendance_contracts.counting import (
    HOURS_UNKNOWN,
    OnRoll,
    SchoolHours,
    Uncounted,
    counts,
    is_too_far_ahead,
    shows_register_taken,
    uncounted,
)

YEAR = 2026
MONDAY = dt.date(2026, 9, 14)
HOURS = SchoolHours(dt.time(8, 50), dt.time(13, 0))
HELD = frozenset(
    slot(day, half) for day in (MONDAY + dt.timedelta(days=n) for n in range(5)) for half in Session
)


def london(day: str, clock_time: str) -> dt.datetime:
    return in_utc(dt.date.fromisoformat(day), dt.time.fromisoformat(clock_time))


@pytest.mark.parametrize(
    ("first", "last", "marked", "at", "why_not"),
    [
        ("2026-09-02", None, "2026-09-14 AM", "2026-09-14 08:50", None),
        ("2026-09-02", None, "2026-09-14 AM", "2026-09-14 08:49", Uncounted.PLANNED),
        ("2026-09-02", None, "2026-09-14 PM", "2026-09-14 12:59", Uncounted.PLANNED),
        ("2026-09-02", None, "2026-09-18 PM", "2026-09-14 15:00", Uncounted.PLANNED),
        ("2026-09-14", "2026-09-14", "2026-09-14 PM", "2026-09-30 09:00", None),
        ("2026-09-02", "2026-09-14", "2026-09-15 AM", "2026-09-30 09:00", Uncounted.NOT_ON_ROLL),
        ("2026-09-15", None, "2026-09-14 PM", "2026-09-30 09:00", Uncounted.NOT_ON_ROLL),
        ("2026-09-02", None, "2026-09-19 AM", "2026-09-30 09:00", Uncounted.NO_SESSION),
        ("2026-09-02", None, "2026-09-21 AM", "2026-09-20 09:00", Uncounted.NO_SESSION),
        ("2026-09-02", "2026-09-14", "2026-09-19 AM", "2026-09-15 09:00", Uncounted.NOT_ON_ROLL),
    ],
    ids=[
        "from the minute at which its session begins",
        "not a minute before",
        "in the morning, not in the afternoon's",
        "days ahead",
        "the first and last day on roll",
        "the day after the last",
        "the day before the first",
        "no session of the calendar",
        "ahead and no session",
        "left, and no session",
    ],
)
def test_a_mark_counts_on_roll_in_session_and_once_it_has_begun(
    first: str, last: str | None, marked: str, at: str, why_not: Uncounted | None
) -> None:
    text, half = marked.split()
    day = dt.date.fromisoformat(text)
    on_roll = OnRoll(dt.date.fromisoformat(first), dt.date.fromisoformat(last) if last else None)

    assert of(day, Session(half), on_roll, now=london(*at.split())) is why_not


def of(day: dt.date, half: Session, on_roll: OnRoll, *, now: dt.datetime) -> Uncounted | None:
    """What both forms of the rule say of a mark at the school of these tests."""
    begins_at = HOURS.begins_at(day, half)
    why_not = uncounted(day, half, on_roll=on_roll, sessions=HELD, begins_at=begins_at, now=now)
    is_counted = counts(day, half, on_roll=on_roll, sessions=HELD, begins_at=begins_at, now=now)
    assert is_counted is (why_not is None)
    return why_not


@pytest.mark.parametrize(
    ("day", "session", "begins"),
    [
        ("2026-10-23", Session.AM, "2026-10-23T07:50:00Z"),
        ("2026-10-26", Session.AM, "2026-10-26T08:50:00Z"),
        ("2027-03-25", Session.PM, "2027-03-25T13:00:00Z"),
        ("2027-04-12", Session.PM, "2027-04-12T12:00:00Z"),
    ],
    ids=["summer time", "winter time", "winter afternoon", "summer afternoon"],
)
def test_a_session_begins_by_the_clock_on_the_schools_wall(
    day: str, session: Session, begins: str
) -> None:
    begins_at = HOURS.begins_at(dt.date.fromisoformat(day), session)
    assert begins_at == dt.datetime.fromisoformat(begins)


def test_sessions_of_a_school_without_settings_have_begun_once_their_day_is_over() -> None:
    midnight = london("2026-09-15", "00:00")
    after = slot(MONDAY, Session.PM) + 1
    assert HOURS_UNKNOWN.begun_before(YEAR, midnight) == after
    assert HOURS_UNKNOWN.begun_before(YEAR, midnight - dt.timedelta(seconds=1)) == after - 2


DAYS = st.dates(dt.date(2025, 8, 20), dt.date(2027, 9, 10))
MOMENTS = st.datetimes(
    dt.datetime(2025, 8, 20),  # noqa: DTZ001 - given its zone below
    dt.datetime(2027, 9, 10),  # noqa: DTZ001 - likewise
    timezones=st.just(dt.UTC),
)
ROLLS = st.builds(OnRoll, DAYS, st.none() | DAYS)
MORNINGS = st.times(dt.time(7), dt.time(11, 59))
AFTERNOONS = st.times(dt.time(12), dt.time(15))
ALL_HOURS = st.builds(SchoolHours, MORNINGS, AFTERNOONS)
ALL_SLOTS = st.integers(0, SLOTS_PER_YEAR - 3)


@given(ROLLS, st.frozensets(ALL_SLOTS), ALL_HOURS, MOMENTS, ALL_SLOTS)
def test_a_year_of_slots_counts_as_its_marks_do_one_by_one(
    on_roll: OnRoll, sessions: frozenset[int], hours: SchoolHours, now: dt.datetime, place: int
) -> None:
    day, half = session_at(YEAR, place)
    one_by_one = counts(
        day,
        half,
        on_roll=on_roll,
        sessions=sessions,
        begins_at=hours.begins_at(day, half),
        now=now,
    )
    begun = place < hours.begun_before(YEAR, now)
    assert one_by_one is (place in on_roll.slots(YEAR) and place in sessions and begun)


@given(ROLLS, DAYS, st.sampled_from(Session), st.tuples(MOMENTS, MOMENTS).map(sorted))
def test_what_counts_once_counts_for_good_while_roll_and_calendar_stand(
    on_roll: OnRoll, day: dt.date, half: Session, moments: list[dt.datetime]
) -> None:
    earlier, later = (
        counts(
            day,
            half,
            on_roll=on_roll,
            sessions=range(SLOTS_PER_YEAR),
            begins_at=HOURS.begins_at(day, half),
            now=now,
        )
        for now in moments
    )
    assert later or not earlier


@given(ROLLS, st.integers(2025, 2027))
def test_the_slots_on_roll_are_those_of_the_days_on_roll(on_roll: OnRoll, year: int) -> None:
    days = (school_year_ends(year) - school_year_starts(year)).days + 1
    of_days = {place for place in range(2 * days) if session_at(year, place)[0] in on_roll}
    assert set(on_roll.slots(year)) == of_days


@pytest.mark.parametrize(
    ("code", "recorded", "shows"),
    [
        ("I", "07:30", False),
        ("V", "08:49", False),
        ("O", "08:00", False),
        ("I", "08:50", True),
        ("/", "08:47", True),
        ("N", "08:47", True),
        ("L", "08:49", True),
        ("Y4", "06:30", True),
        ("Y2", "06:30", False),
    ],
)
def test_an_entry_made_beforehand_is_no_register(code: str, recorded: str, shows: bool) -> None:
    begins_at = HOURS.begins_at(MONDAY, Session.AM)
    assert shows_register_taken(code, london("2026-09-14", recorded), begins_at) is shows


@given(st.sampled_from(sorted(NUMBER_OF)), st.integers(0, 10_000))
def test_every_mark_made_once_the_session_has_begun_shows_a_register(
    code: str, minutes: int
) -> None:
    begins_at = HOURS.begins_at(MONDAY, Session.AM)
    assert shows_register_taken(code, begins_at + dt.timedelta(minutes=minutes), begins_at)


@pytest.mark.parametrize(
    ("day", "today", "too_far"),
    [
        ("2027-08-31", "2026-09-01", False),
        ("2027-09-01", "2026-09-01", True),
        ("2027-09-01", "2027-08-31", True),
        ("2027-09-01", "2027-09-01", False),
        ("2024-09-01", "2026-09-01", False),
    ],
)
def test_nobody_plans_beyond_the_school_years_end(day: str, today: str, too_far: bool) -> None:
    dates = map(dt.date.fromisoformat, (day, today))
    assert is_too_far_ahead(*dates) is too_far
