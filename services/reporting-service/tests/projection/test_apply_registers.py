"""The year rows on real PostgreSQL."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session, slot
from attendance_contracts.codes import CODES, NUMBER_OF
from attendance_contracts.events import RegisterRecorded, single_rows
from attendance_contracts.measures import Tally
from attendance_runtime.database import SqlSession
from reporting_service.projection import repository
from reporting_service.projection.domain import YearOfMarks, tally_of
from reporting_service.projection.use_cases import apply_registers
from reporting_testing.facts import ASchool, new_id, tell

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 9, 31, tzinfo=UTC)
SATURDAY = datetime(2026, 9, 12, 9, tzinfo=UTC)


async def the_year(db: SqlSession, enrolment_id: UUID) -> YearOfMarks:
    years = await repository.years_of(db, [enrolment_id], [2026])
    return years[enrolment_id][2026]


async def on_roll(db: SqlSession, school: ASchool, number: int = 1) -> list[UUID]:
    """Enrol so many children at a school that is open all year."""
    children = [school.enrols() for _ in range(number)]
    await tell(db, *school.opens(), *children, now=NOW)
    return [child.enrolment_id for child in children]


async def test_a_mark_is_one_byte_and_moves_its_counter(db: SqlSession, school: ASchool) -> None:
    [child] = await on_roll(db, school)

    register = school.takes(MONDAY, Session.AM, {child: "N"})
    await apply_registers(db, [register], now=NOW)

    year = await the_year(db, child)
    assert year.tally == Tally(unauthorised=1)
    assert year.marks[slot(MONDAY, Session.AM)] == NUMBER_OF["N"]
    assert year.marks.count(0) == 731


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_mark_that_comes_before_roll_or_calendar_is_kept_and_counts_once_both_are_there(
    db: SqlSession, school: ASchool, order: Sequence[int]
) -> None:
    child = school.enrols()
    register = school.takes(MONDAY, Session.AM, {child.enrolment_id: "I"})
    told: list[list[object]] = [[child], school.opens(), [register]]

    for number, place in enumerate(order, start=1):
        await tell(db, *told[place], now=NOW)
        years = await repository.years_of(db, [child.enrolment_id], [2026])
        counted = [year.tally for year in years[child.enrolment_id].values()]
        assert counted in ([[Tally(authorised=1)]] if number == 3 else [[], [Tally()]])


async def test_an_event_that_comes_twice_changes_nothing(db: SqlSession, school: ASchool) -> None:
    early, [known] = new_id(), await on_roll(db, school)
    register = school.takes(MONDAY, Session.AM, {early: "U", known: "/"})

    await apply_registers(db, [register], now=NOW)
    once = [await the_year(db, one) for one in (early, known)]
    await apply_registers(db, [register, register], now=NOW)

    assert [await the_year(db, one) for one in (early, known)] == once


@pytest.mark.parametrize(
    ("codes", "tally"),
    [
        (["N", "I"], Tally(authorised=1)),
        (["N", "/"], Tally(attended=1)),
        (["/", "Y1"], Tally()),
        (["D", "O"], Tally(unauthorised=1)),
        (["N", "L", "U", "N"], Tally(unauthorised=1)),
        (["N", None], Tally()),
        (["/", None, "I"], Tally(authorised=1)),
    ],
)
async def test_a_correction_takes_the_old_class_back(
    db: SqlSession, school: ASchool, codes: list[str | None], tally: Tally
) -> None:
    [enrolment_id] = await on_roll(db, school)

    for code in codes:
        register = school.takes(MONDAY, Session.AM, {enrolment_id: code})
        await apply_registers(db, [register], now=NOW)

    assert (await the_year(db, enrolment_id)).tally == tally


async def test_a_schools_stamp_never_goes_back(db: SqlSession, school: ASchool) -> None:
    later = school.takes(MONDAY, Session.AM, {new_id(): "/"}, at=NOW)
    earlier = school.takes(MONDAY, Session.AM, {new_id(): "/"}, at=NOW - timedelta(hours=1))

    await apply_registers(db, [later], now=NOW)
    await apply_registers(db, [earlier], now=NOW)

    stamp = await db.scalar(
        text("SELECT recorded_at FROM school_years WHERE school_id = :id"), {"id": school.id}
    )
    assert stamp == NOW


def a_week(
    school: ASchool, children: Sequence[UUID], chance: random.Random
) -> list[RegisterRecorded]:
    """Return registers of five days with corrections, in the order they were recorded."""
    codes = [None, *sorted({code.code for code in CODES})]
    return [
        school.takes(
            MONDAY + timedelta(days=chance.randrange(5)),
            chance.choice(list(Session)),
            {
                child: chance.choice(codes)
                for child in chance.sample(children, chance.randrange(1, len(children)))
            },
        )
        for _ in range(40)
    ]


@pytest.mark.parametrize("seed", range(5))
async def test_the_same_corrections_end_the_same_however_they_are_cut_and_mixed(
    db: SqlSession, school: ASchool, seed: int
) -> None:
    """Order matters within one session of one child; all else may arrive as it likes."""
    chance = random.Random(seed)  # noqa: S311 - repeatable choices, no secret
    mine, twins = [await on_roll(db, school, 6) for _ in range(2)]
    registers = a_week(school, mine, chance)
    twin_of = dict(zip(mine, twins, strict=True))

    await apply_registers(db, registers, now=SATURDAY)

    marks = [part for register in registers for part in single_rows(register)]
    by_session: dict[tuple[UUID, date, Session], list[RegisterRecorded]] = {}
    for mark in marks:
        by_session.setdefault((mark.enrolments[0], mark.date, mark.session), []).append(mark)
    while by_session:
        batch = []
        for key in chance.sample(list(by_session), min(len(by_session), chance.randrange(1, 30))):
            mark = by_session[key].pop(0)
            batch.append(school.takes(mark.date, mark.session, {twin_of[key[0]]: mark.codes[0]}))
            if not by_session[key]:
                del by_session[key]
        await apply_registers(db, batch, now=SATURDAY)

    for child, twin in twin_of.items():
        year = await the_year(db, child)
        assert await the_year(db, twin) == year
        assert year.tally == tally_of(year.counted)
