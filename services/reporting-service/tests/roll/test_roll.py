"""The copy of the roll, and the year rows it seeds."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import school_year, session_at
from attendance_runtime.database import SqlSession
from reporting_service.projection import repository as projection
from reporting_service.roll import repository
from reporting_service.roll.domain import Enrolment, year_to_seed
from reporting_service.roll.use_cases import apply_enrolments
from reporting_service.testing import ASchool, new_id

TODAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "year"),
    [
        (date(2020, 9, 1), None, 2026),  # rows of the six years before come with their marks
        (date(2026, 9, 7), None, 2026),
        (date(2020, 9, 1), date(2027, 7, 16), 2026),
        (date(2020, 9, 1), date(2024, 7, 19), 2023),
        (date(2027, 9, 1), None, 2027),
    ],
)
def test_an_enrolment_gets_the_row_of_this_year_or_the_nearest_it_has(
    starts_on: date, ends_on: date | None, year: int
) -> None:
    assert year_to_seed(starts_on, ends_on, TODAY) == year


days = st.dates(date(2024, 9, 1), date(2028, 8, 31))


@given(days, st.none() | days, days)
def test_the_slots_on_roll_are_those_of_the_days_on_roll(
    starts_on: date, ends_on: date | None, day: date
) -> None:
    enrolment = Enrolment(new_id(), new_id(), new_id(), starts_on, ends_on, "Y5", "5A", "main")
    year = school_year(day)

    on_roll = {session_at(year, place)[0] for place in enrolment.slots_on_roll(year)}

    assert (day in on_roll) == enrolment.is_on_roll(day)
    assert len(enrolment.slots_on_roll(year)) == 2 * len(on_roll)


async def test_an_older_version_does_not_replace_a_newer_one(
    session: SqlSession, school: ASchool
) -> None:
    older = school.enrols(class_code="4A")
    newer = school.enrols(older.child_id, enrolment_id=older.enrolment_id, class_code="5A")

    await apply_enrolments(session, [newer], now=NOW)
    await apply_enrolments(session, [older], now=NOW)

    (enrolment,) = await repository.enrolments_between(session, [older.child_id], TODAY, TODAY)
    assert enrolment.class_code == "5A"


async def test_an_empty_row_waits_for_the_first_mark(session: SqlSession, school: ASchool) -> None:
    child = school.enrols()

    await apply_enrolments(session, [child], now=NOW)
    await apply_enrolments(session, [child], now=NOW)

    years = await projection.years_of(session, [child.enrolment_id], [2025, 2026])
    assert list(years[child.enrolment_id]) == [2026]


async def test_a_place_that_ended_is_found_only_while_it_lasted(
    session: SqlSession, school: ASchool
) -> None:
    child = school.enrols(ends_on=date(2026, 7, 17))
    await apply_enrolments(session, [child], now=NOW)

    async def found(first: date, last: date) -> int:
        return len(await repository.enrolments_between(session, [child.child_id], first, last))

    assert await found(date(2026, 7, 17), date(2026, 9, 30)) == 1
    assert await found(date(2026, 7, 18), date(2026, 9, 30)) == 0
