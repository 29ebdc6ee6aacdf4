"""A school's totals move with its enrolments' years, and are theirs whenever they are read."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import add
from uuid import UUID

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.codes import CODES
from attendance_contracts.measures import NO_TOTALS, Tally, Totals
from attendance_runtime.database import SqlSession
from reporting_service.projection import repository
from reporting_service.projection.use_cases import apply_registers
from reporting_testing.facts import ASchool, new_id, tell

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 8, 9, 31, tzinfo=UTC)


async def total_of(db: SqlSession, school: ASchool, year: int = 2026) -> Totals:
    return (await repository.totals_of(db, [school.id], year)).get(school.id, NO_TOTALS)


def as_totals(tally: Tally) -> Totals:
    """Count one enrolment by the rules as the code has them."""
    flags = (tally.possible > 0, tally.is_persistent, tally.is_severe)
    return Totals(tally, *map(int, flags))


@pytest.mark.parametrize("seed", range(5))
async def test_a_sum_is_that_of_its_enrolments_after_any_corrections(
    db: SqlSession, seed: int
) -> None:
    """Of two schools in one batch, each session several times, and all of it told twice."""
    chance = random.Random(seed)  # noqa: S311 - repeatable choices, no secret
    codes = sorted({code.code for code in CODES})
    schools = {school.id: school for school in (ASchool(), ASchool())}
    pupils = {school_id: await on_roll(db, school, 7) for school_id, school in schools.items()}
    for _ in range(12):
        batch = [
            schools[school_id].takes(
                MONDAY + timedelta(days=chance.randrange(3)),
                chance.choice(list(Session)),
                {
                    child: chance.choice(codes)
                    for child in chance.sample(of, chance.randrange(1, 7))
                },
            )
            for school_id, of in pupils.items()
            for _ in range(3)
        ]
        await apply_registers(db, batch, now=NOW)
        await apply_registers(db, batch, now=NOW)
        for school_id, of in pupils.items():
            assert await total_of(db, schools[school_id]) == await summed(db, of)


async def on_roll(db: SqlSession, school: ASchool, number: int = 1) -> list[UUID]:
    """Enrol so many children at a school that is open all year."""
    children = [school.enrols() for _ in range(number)]
    await tell(db, *school.opens(), *children, now=NOW)
    return [child.enrolment_id for child in children]


async def summed(db: SqlSession, enrolments: Sequence[UUID]) -> Totals:
    years = await repository.years_of(db, enrolments, [2026])
    each = [as_totals(year.tally) for of in years.values() for year in of.values()]
    return reduce(add, each, NO_TOTALS)


async def test_each_school_year_has_a_sum_of_its_own(db: SqlSession, school: ASchool) -> None:
    [child] = await on_roll(db, school)
    registers = [
        school.takes(day, Session.AM, {child: code})
        for day, code in ((date(2026, 7, 17), "I"), (MONDAY, "/"))
    ]

    await apply_registers(db, registers, now=NOW)

    assert await total_of(db, school, 2025) == as_totals(Tally(authorised=1))
    assert await total_of(db, school, 2026) == as_totals(Tally(attended=1))


@pytest.mark.parametrize(
    ("attended", "absent"),
    [(0, 0), (1, 0), (0, 1), (171, 19), (172, 19), (271, 30), (1, 1), (2, 1), (51, 50), (366, 366)],
)
async def test_a_stored_year_counts_as_the_rules_have_it(
    db: SqlSession, attended: int, absent: int
) -> None:
    """The statement that moves the totals has the thresholds from the table, not from `Tally`."""
    found = await db.execute(
        text("""
            INSERT INTO enrolment_years (enrolment_id, school_year, attended, authorised,
                                         unauthorised, marks)
            VALUES (:id, 2026, :attended, :authorised, :unauthorised, '')
            RETURNING has_possible, is_persistent, is_severe
        """),
        {
            "id": new_id(),
            "attended": attended,
            "authorised": absent // 2,
            "unauthorised": absent - absent // 2,
        },
    )
    tally = Tally(attended, absent // 2, absent - absent // 2)
    assert tuple(found.one()) == (tally.possible > 0, tally.is_persistent, tally.is_severe)
