"""Which marks count: roll, calendar and clock may say so before the marks come, or long after."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from attendance_contracts.calendar import Session, slot
from attendance_contracts.codes import CODES
from attendance_contracts.counting import OnRoll, counts
from attendance_contracts.measures import NO_TOTALS, Tally, Totals
from attendance_runtime.database import Database, SqlSession
from reporting_service.projection import repository
from reporting_service.projection.domain import tally_of
from reporting_service.recount.repository import wrong_totals
from reporting_testing.facts import HOURS, ASchool, new_id, tell

MONDAY = date(2026, 9, 7)
WEEKDAYS = tuple(MONDAY + timedelta(days=n) for n in range(19) if n % 7 < 5)
OCTOBER = datetime(2026, 10, 1, 8, tzinfo=UTC)
SESSIONS = [(day, half) for day in WEEKDAYS for half in Session]
CODE = {code.code: code for code in CODES}


async def figures(db: SqlSession, school: ASchool, child: UUID) -> tuple[Tally, Totals]:
    """A child's counters and the totals of a school that has no other."""
    years = await repository.years_of(db, [child], [2026])
    year = years[child][2026]
    assert year.tally == tally_of(year.counted)
    totals = await repository.totals_of(db, [school.id], 2026)
    return year.tally, totals.get(school.id, NO_TOTALS)


def three_weeks(school: ASchool, child: UUID) -> list[object]:
    """Ten sessions present, then twenty of absence."""
    codes = ["/", "\\"] * 5 + ["O"] * 20
    return [
        school.takes(*place, {child: code}) for place, code in zip(SESSIONS, codes, strict=True)
    ]


async def test_a_leavers_marks_leave_the_figures_when_the_roll_says_so_late(
    db: SqlSession, school: ASchool
) -> None:
    """The MIS tells in October of a child who left in September; the register went on with O."""
    stays = school.enrols()
    child = stays.enrolment_id
    facts = (school.changed(), school.meets(*WEEKDAYS), stays)
    await tell(db, *facts, *three_weeks(school, child), now=OCTOBER)
    before = Tally(attended=10, unauthorised=20)
    assert await figures(db, school, child) == (before, Totals(before, 1, 1, 1))

    left = school.enrols(stays.child_id, enrolment_id=child, ends_on=WEEKDAYS[4])
    await tell(db, left, now=OCTOBER)

    after = Tally(attended=10)
    assert await figures(db, school, child) == (after, Totals(after, 1, 0, 0))


@pytest.mark.parametrize(
    ("ends", "tally"),
    [
        ([4, None], Tally(10, 0, 20)),
        ([4, 6], Tally(10, 0, 4)),
        ([6, 4], Tally(10)),
        ([4, 1], Tally(4)),
        ([4, 1, 6], Tally(10, 0, 4)),
        ([-1], Tally()),
    ],
    ids=["returns", "later", "earlier", "much earlier", "moved twice", "never began"],
)
@pytest.mark.parametrize("last_first", [False, True], ids=["in order", "the last heard first"])
async def test_an_end_that_moves_takes_the_figures_along(
    *,
    db: SqlSession,
    school: ASchool,
    ends: Sequence[int | None],
    tally: Tally,
    last_first: bool,
) -> None:
    first = school.enrols()
    child = first.enrolment_id
    words = [
        school.enrols(
            first.child_id,
            enrolment_id=child,
            ends_on=None
            if end is None
            else MONDAY - timedelta(days=1)
            if end < 0
            else WEEKDAYS[end],
        )
        for end in ends
    ]
    facts = (school.changed(), school.meets(*WEEKDAYS), first)
    await tell(db, *facts, *three_weeks(school, child), now=OCTOBER)

    for word in [words[-1], *words] if last_first else words:
        await tell(db, word, now=OCTOBER)

    assert (await figures(db, school, child))[0] == tally


async def test_a_day_closed_afterwards_leaves_the_figures_and_comes_back_when_that_was_wrong(
    db: SqlSession, school: ASchool
) -> None:
    stays = school.enrols()
    child = stays.enrolment_id
    whole = school.meets(*WEEKDAYS)
    await tell(db, school.changed(), whole, stays, *three_weeks(school, child), now=OCTOBER)

    await tell(db, school.meets(*WEEKDAYS[1:-1]), now=OCTOBER)
    closed = await figures(db, school, child)
    await tell(db, whole, now=OCTOBER)  # an older word, heard again
    heard_again = await figures(db, school, child)
    await tell(db, school.meets(*WEEKDAYS), now=OCTOBER)

    assert closed[0] == heard_again[0] == Tally(attended=8, unauthorised=18)
    assert (await figures(db, school, child))[0] == Tally(attended=10, unauthorised=20)


async def test_a_mark_for_a_closed_day_or_a_leaver_that_is_corrected_still_counts_nowhere(
    db: SqlSession, school: ASchool
) -> None:
    """What comes later of it, and what comes twice, finds the same answer in the row."""
    left = school.enrols(ends_on=WEEKDAYS[0])
    child = left.enrolment_id
    await tell(db, school.changed(), school.meets(*WEEKDAYS[:5]), left, now=OCTOBER)

    for day in (WEEKDAYS[1], WEEKDAYS[7]):
        for code in ("/", "O", "O", "I"):
            await tell(db, school.takes(day, Session.AM, {child: code}), now=OCTOBER)

    assert await figures(db, school, child) == (Tally(), NO_TOTALS)


Marks = dict[tuple[UUID, date, Session], str]


def a_world(
    school: ASchool, chance: random.Random
) -> tuple[list[object], Marks, dict[UUID, OnRoll], set[int]]:
    """Two children's marks, days on roll and sessions held; and all that is told of them."""
    children = [new_id() for _ in range(2)]
    held = sorted(chance.sample(WEEKDAYS, 9))
    rolls = {
        child: OnRoll(chance.choice(WEEKDAYS[:6]), chance.choice([None, *WEEKDAYS[6:]]))
        for child in children
    }
    marks = {
        (child, *place): chance.choice(["/", "I", "O", "Y2", "D"])
        for child in children
        for place in chance.sample(SESSIONS, 20)
    }
    told: list[object] = [
        school.changed(),
        school.meets(*chance.sample(WEEKDAYS, 5)),
        *(school.enrols(enrolment_id=child, ends_on=WEEKDAYS[3]) for child in children),
        school.meets(*held),
        *(
            school.enrols(enrolment_id=child, starts_on=roll.first, ends_on=roll.last)
            for child, roll in rolls.items()
        ),
        *(school.takes(day, half, {child: code}) for (child, day, half), code in marks.items()),
    ]
    return told, marks, rolls, {slot(day, half) for day in held for half in Session}


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_comes_in_whatever_order_each_mark_counts_as_the_rule_has_it(
    db: SqlSession, school: ASchool, seed: int
) -> None:
    """Marks, roll and calendar of two children, mixed and cut at random, some of it twice."""
    chance = random.Random(seed)  # noqa: S311 - repeatable choices, no secret
    now = datetime(2026, 9, 16, 10, tzinfo=UTC)  # a Wednesday morning: half of the days are to come
    told, marks, rolls, slots = a_world(school, chance)
    again = chance.sample(told, 8)
    mixed = chance.sample([*told, *again], len(told) + len(again))
    while mixed:
        batch = [mixed.pop() for _ in range(min(len(mixed), chance.randrange(1, 9)))]
        await tell(db, *batch, now=now)

    for child, on_roll in rolls.items():
        counted = [
            CODE[code]
            for (of, day, half), code in marks.items()
            if of == child
            and counts(
                day,
                half,
                on_roll=on_roll,
                sessions=slots,
                begins_at=HOURS.begins_at(day, half),
                now=now,
            )
        ]
        tally, _ = await figures(db, school, child)
        assert tally.possible == sum(code.is_possible for code in counted)
        assert tally.absent == sum(code.is_absence for code in counted)
    assert not [one for one in await wrong_totals(db) if one.school_id == school.id]


async def seen(database: Database, child: UUID) -> Tally:
    async with database.transaction() as db:
        years = await repository.years_of(db, [child], [2026])
        return years[child][2026].tally


async def test_roll_and_calendar_that_come_at_the_same_moment_see_each_other(
    database: Database, school: ASchool
) -> None:
    """Each worker alone would figure the child's sessions without the other's word."""
    child = school.enrols()
    async with database.transaction() as db:
        register = school.takes(MONDAY, Session.AM, {child.enrolment_id: "O"})
        await tell(db, school.changed(), register, now=OCTOBER)

    async def enrol() -> None:
        async with database.transaction() as other:
            await tell(other, child, now=OCTOBER)

    async with database.transaction() as db:
        await tell(db, school.meets(MONDAY), now=OCTOBER)
        enrolling = asyncio.create_task(enrol())
        await asyncio.sleep(0.2)
        assert not enrolling.done()
    await enrolling

    assert await seen(database, child.enrolment_id) == Tally(unauthorised=1)


async def test_a_years_first_mark_and_its_enrolment_that_come_at_once_see_each_other(
    database: Database, school: ASchool
) -> None:
    child = school.enrols(
        ends_on=date(2026, 7, 17)
    )  # the row of July's year; the mark needs another
    register = school.takes(MONDAY, Session.AM, {child.enrolment_id: "O"})
    returns = school.enrols(enrolment_id=child.enrolment_id, ends_on=date(2026, 9, 7))
    async with database.transaction() as db:
        await tell(db, school.changed(), school.meets(MONDAY), child, now=OCTOBER)

    async def mark() -> None:
        async with database.transaction() as other:
            await tell(other, register, now=OCTOBER)

    async with database.transaction() as db:
        await tell(db, returns, now=OCTOBER)
        marking = asyncio.create_task(mark())
        await asyncio.sleep(0.2)
    await marking

    assert await seen(database, child.enrolment_id) == Tally(unauthorised=1)
