"""The copy of the roll, and the year rows it seeds."""

from datetime import UTC, date, datetime

import pytest

from attendance_runtime.database import SqlSession
from reporting_service.projection import repository as projection
from reporting_service.roll import repository
from reporting_service.roll.domain import year_to_seed
from reporting_service.roll.use_cases import apply_enrolments
from reporting_testing.facts import ASchool

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


async def test_an_older_version_does_not_replace_a_newer_one(
    db: SqlSession, school: ASchool
) -> None:
    older = school.enrols(class_code="4A")
    newer = school.enrols(older.child_id, enrolment_id=older.enrolment_id, class_code="5A")

    await apply_enrolments(db, [newer], now=NOW)
    await apply_enrolments(db, [older], now=NOW)

    (enrolment,) = await repository.enrolments_between(db, [older.child_id], TODAY, TODAY)
    assert enrolment.class_code == "5A"


async def test_an_empty_row_waits_for_the_first_mark(db: SqlSession, school: ASchool) -> None:
    child = school.enrols()

    await apply_enrolments(db, [child], now=NOW)
    await apply_enrolments(db, [child], now=NOW)

    years = await projection.years_of(db, [child.enrolment_id], [2025, 2026])
    assert list(years[child.enrolment_id]) == [2026]


async def test_a_place_that_ended_is_found_only_while_it_lasted(
    db: SqlSession, school: ASchool
) -> None:
    child = school.enrols(ends_on=date(2026, 7, 17))
    await apply_enrolments(db, [child], now=NOW)

    async def found(first: date, last: date) -> int:
        return len(await repository.enrolments_between(db, [child.child_id], first, last))

    assert await found(date(2026, 7, 17), date(2026, 9, 30)) == 1
    assert await found(date(2026, 7, 18), date(2026, 9, 30)) == 0
