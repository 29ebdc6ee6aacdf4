"""Marks entered ahead: kept, and counted from the minute their session begins."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.counting import SchoolHours
from attendance_contracts.measures import NO_TOTALS, Tally, Totals
from attendance_runtime.clock import FixedClock
from attendance_runtime.copies.beginnings import SESSION_BEGINS
from attendance_runtime.database import Database
from attendance_runtime.timers import fire_due
from reporting_service.projection import repository
from reporting_service.projection.use_cases import begin_sessions
from reporting_testing.facts import ASchool, tell

MONDAY = date(2026, 9, 7)
WEEKDAYS = tuple(MONDAY + timedelta(days=n) for n in range(5))


@pytest.fixture
async def clock(database: Database) -> FixedClock:
    """Monday before school; nobody else's sessions are awaited."""
    async with database.transaction() as db:
        await db.execute(text("DELETE FROM timers"))
    return FixedClock("2026-09-07T06:30:00Z")


async def turn(database: Database, clock: FixedClock, moment: str) -> None:
    """Set the clock, and let a worker see what has begun."""
    clock.set(moment)
    while await fire_due(database, clock, SESSION_BEGINS, begin_sessions):
        pass


async def seen(database: Database, school: ASchool, child: UUID) -> tuple[Tally, Totals]:
    """A child's counters and the totals of a school that has no other."""
    async with database.transaction() as db:
        years = await repository.years_of(db, [child], [2026])
        totals = await repository.totals_of(db, [school.id], 2026)
    return years[child][2026].tally, totals.get(school.id, NO_TOTALS)


async def a_planned_day(database: Database, school: ASchool, clock: FixedClock) -> UUID:
    """A child with both sessions of Tuesday entered ahead."""
    stays = school.enrols()
    planned = [
        school.takes(WEEKDAYS[1], half, {stays.enrolment_id: "G"}, at=clock.now())
        for half in Session
    ]
    async with database.transaction() as db:
        facts = (school.changed(), school.meets(*WEEKDAYS), stays)
        await tell(db, *facts, *planned, now=clock.now())
    return stays.enrolment_id


async def test_a_planned_mark_counts_from_the_minute_its_session_begins(
    database: Database, school: ASchool, clock: FixedClock
) -> None:
    """Nobody sends anything: one absence of one session is 0.0 % attendance, but not before."""
    child = await a_planned_day(database, school, clock)

    for moment, absences in (
        ("2026-09-08T07:49:59Z", 0),
        ("2026-09-08T07:50:00Z", 1),
        ("2026-09-08T11:59:59Z", 1),
        ("2026-09-08T12:00:00Z", 2),
    ):
        await turn(database, clock, moment)
        tally = Tally(unauthorised=absences)
        totals = Totals(tally, *([1] * 3 if absences else [0] * 3))
        assert await seen(database, school, child) == (tally, totals), moment


async def test_a_day_in_one_jump_counts_as_minute_by_minute(
    database: Database, school: ASchool, clock: FixedClock
) -> None:
    """As where every worker was down, or the clock is driven."""
    child = await a_planned_day(database, school, clock)

    await turn(database, clock, "2026-09-10T09:00:00Z")

    assert (await seen(database, school, child))[0] == Tally(unauthorised=2)


async def test_a_mark_made_in_its_session_stands_against_the_planned_one(
    database: Database, school: ASchool, clock: FixedClock
) -> None:
    child = await a_planned_day(database, school, clock)
    clock.set("2026-09-08T07:55:00Z")
    async with database.transaction() as db:  # before the worker has seen the session begin
        taken = school.takes(WEEKDAYS[1], Session.AM, {child: "/"}, at=clock.now())
        await tell(db, taken, now=clock.now())

    await turn(database, clock, "2026-09-08T08:00:00Z")

    assert (await seen(database, school, child))[0] == Tally(attended=1)


@pytest.mark.parametrize("change", ["left", "closed"])
async def test_a_planned_mark_of_a_leaver_or_a_closed_day_never_counts(
    database: Database, school: ASchool, clock: FixedClock, change: str
) -> None:
    child = await a_planned_day(database, school, clock)
    left = school.enrols(enrolment_id=child, ends_on=MONDAY)
    closed = school.meets(MONDAY, *WEEKDAYS[2:])
    async with database.transaction() as db:
        await tell(db, left if change == "left" else closed, now=clock.now())

    await turn(database, clock, "2026-09-10T09:00:00Z")

    assert await seen(database, school, child) == (Tally(), NO_TOTALS)


@pytest.mark.parametrize("known", ["later", "never before"], ids=["moved", "told only afterwards"])
async def test_a_session_begins_by_the_settings_as_they_now_stand(
    database: Database, school: ASchool, clock: FixedClock, known: str
) -> None:
    stays = school.enrols()
    child = stays.enrolment_id
    planned = school.takes(WEEKDAYS[1], Session.AM, {child: "G"}, at=clock.now())
    first = [school.changed()] if known == "later" else []
    moved = school.changed(hours=SchoolHours(time(9, 30), time(13, 0)))
    async with database.transaction() as db:
        await tell(db, *first, school.meets(*WEEKDAYS), stays, planned, now=clock.now())
        await tell(db, moved, now=clock.now())

    await turn(database, clock, "2026-09-08T08:29:59Z")
    assert (await seen(database, school, child))[0] == Tally()
    await turn(database, clock, "2026-09-08T08:30:00Z")
    assert (await seen(database, school, child))[0] == Tally(unauthorised=1)


async def test_older_settings_that_come_late_move_no_session(
    database: Database, school: ASchool, clock: FixedClock
) -> None:
    """The copy kept the newer ones, and yet the session was awaited by the older."""
    stays = school.enrols()
    planned = school.takes(WEEKDAYS[1], Session.AM, {stays.enrolment_id: "G"}, at=clock.now())
    older = school.changed(hours=SchoolHours(time(10, 30), time(13, 0)))
    async with database.transaction() as db:
        facts = (school.changed(), school.meets(*WEEKDAYS), stays, planned)
        await tell(db, *facts, now=clock.now())
        await tell(db, older, now=clock.now())

    await turn(database, clock, "2026-09-08T07:50:00Z")
    assert (await seen(database, school, stays.enrolment_id))[0] == Tally(unauthorised=1)
