"""Absences entered ahead: no decision rests on them until their sessions begin."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from attendance_contracts.calendar import Session
from attendance_contracts.counting import SchoolHours
from attendance_runtime.clock import FixedClock
from attendance_runtime.copies.beginnings import SESSION_BEGINS
from attendance_runtime.database import Database
from attendance_runtime.timers import fire_due
from escalation_service.decisions import repository
from escalation_service.decisions.domain import Decision, Kind
from escalation_service.reactions import begin_sessions
from escalation_testing.facts import POLICIES, SCHOOL_DAYS, ASchool, both_sessions, consume

JANUARY = [day for day in SCHOOL_DAYS if day >= date(2027, 1, 11)][:10]
HOLIDAY = both_sessions(JANUARY)
DECEMBER = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def school() -> ASchool:
    return ASchool()


@pytest.fixture
def child() -> UUID:
    return uuid7()


@pytest.fixture
async def clock(database: Database) -> FixedClock:
    """December; nobody else's sessions are awaited."""
    async with database.transaction() as db:
        await db.execute(text("DELETE FROM timers"))
    return FixedClock(DECEMBER)


async def tell(database: Database, clock: FixedClock, *events: object) -> None:
    async with database.transaction() as db:
        await consume(db, events, now=clock.now())


async def turn(database: Database, clock: FixedClock, moment: str) -> None:
    """Set the clock, and let a worker see what has begun."""
    clock.set(moment)
    begin = partial(begin_sessions, policies=POLICIES)
    while await fire_due(database, clock, SESSION_BEGINS, begin):
        pass


async def decided(database: Database, child: UUID) -> list[Decision]:
    async with database.transaction() as db:
        return await repository.decisions_on(db, child)


def facts(school: ASchool, child: UUID) -> list[object]:
    return [school.changed(), school.calendar(), school.enrols(child)]


def holiday(school: ASchool, child: UUID, codes: Sequence[str] = "G" * 20) -> list[object]:
    """Twenty sessions of January, entered in December."""
    return [
        school.records(day, half, {child: code}, at=DECEMBER)
        for (day, half), code in zip(HOLIDAY, codes, strict=True)
    ]


@pytest.mark.parametrize("marks_first", [False, True], ids=["roll first", "marks first"])
async def test_twenty_absences_of_january_open_a_case_when_the_twentieth_begins(
    *, database: Database, clock: FixedClock, school: ASchool, child: UUID, marks_first: bool
) -> None:
    told = [facts(school, child), holiday(school, child)]
    for events in reversed(told) if marks_first else told:
        await tell(database, clock, *events)
    await turn(database, clock, f"{JANUARY[-1]}T13:09:59+00:00")
    assert await decided(database, child) == []

    await turn(database, clock, f"{JANUARY[-1]}T13:10:00+00:00")

    [decision] = await decided(database, child)
    assert (decision.kind, decision.value.number) == (Kind.MET, 20)
    assert decision.decided_at == clock.now()


@pytest.mark.parametrize(
    "events",
    [
        lambda school, child: [school.records(*HOLIDAY[3], {child: "/"}, at=DECEMBER)],
        lambda school, child: [school.enrols(child, ends_on=date(2026, 12, 18), version=2)],
        lambda school, _: [school.calendar(sorted({*SCHOOL_DAYS} - {JANUARY[0]}), version=2)],
    ],
    ids=["the child will be there", "the child leaves before", "a day is closed"],
)
async def test_a_plan_that_changes_before_its_session_opens_nothing(
    database: Database, clock: FixedClock, school: ASchool, child: UUID, events: object
) -> None:
    await tell(database, clock, *facts(school, child), *holiday(school, child))
    assert callable(events)
    await tell(database, clock, *events(school, child))

    await turn(database, clock, "2027-03-01T09:00:00+00:00")

    assert await decided(database, child) == []


@pytest.mark.parametrize(
    ("starts", "before", "at"),
    [(time(14, 0), "13:59:59", "14:00:00"), (time(12, 30), "12:29:59", "12:30:00")],
    ids=["later", "earlier"],
)
async def test_an_afternoon_that_is_moved_takes_its_plans_along(
    *,
    database: Database,
    clock: FixedClock,
    school: ASchool,
    child: UUID,
    starts: time,
    before: str,
    at: str,
) -> None:
    await tell(database, clock, *facts(school, child), *holiday(school, child))
    school.hours = SchoolHours(time(8, 50), starts)
    await tell(database, clock, school.changed(version=2))

    await turn(database, clock, f"{JANUARY[-1]}T{before}+00:00")
    assert await decided(database, child) == []
    await turn(database, clock, f"{JANUARY[-1]}T{at}+00:00")
    assert len(await decided(database, child)) == 1


async def test_older_settings_that_come_late_move_no_session(
    database: Database, clock: FixedClock, school: ASchool, child: UUID
) -> None:
    """The copy kept the newer ones, and yet the session was awaited by the older."""
    newer = school.changed(version=3)
    await tell(database, clock, newer, *facts(school, child)[1:], *holiday(school, child))
    school.hours = SchoolHours(time(8, 50), time(15, 0))
    await tell(database, clock, school.changed(version=2))

    await turn(database, clock, f"{JANUARY[-1]}T13:09:59+00:00")
    assert await decided(database, child) == []
    await turn(database, clock, f"{JANUARY[-1]}T13:10:00+00:00")
    assert len(await decided(database, child)) == 1


async def test_a_timer_of_before_the_move_decides_nothing_early(
    database: Database, clock: FixedClock, school: ASchool, child: UUID
) -> None:
    """As where the settings came while the timer was being acted on."""
    await tell(database, clock, *facts(school, child), *holiday(school, child))
    async with database.transaction() as db:
        await db.execute(
            text("UPDATE schools SET pm_starts_at = '14:00' WHERE id = :id"), {"id": school.id}
        )

    await turn(database, clock, f"{JANUARY[-1]}T13:30:00+00:00")
    assert await decided(database, child) == []
    await turn(database, clock, f"{JANUARY[-1]}T14:00:00+00:00")
    assert len(await decided(database, child)) == 1


async def test_nothing_is_awaited_for_registers_of_sessions_that_have_begun(
    database: Database, clock: FixedClock, school: ASchool, child: UUID
) -> None:
    await tell(database, clock, *facts(school, child), *school.absences(child, 5))

    async with database.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM timers")) == 0


async def test_a_snow_day_in_a_run_breaks_it_for_nobody(
    database: Database, clock: FixedClock, school: ASchool, child: UUID
) -> None:
    """Ten sessions, a day on which the whole site was shut (`Y4`), ten sessions."""
    await tell(database, clock, *facts(school, child))
    sessions = both_sessions(SCHOOL_DAYS[:11])
    codes = ["O"] * 10 + ["Y4"] * 2 + ["O"] * 10
    registers = [
        school.records(*place, {child: code}) for place, code in zip(sessions, codes, strict=True)
    ]

    await tell(database, clock, *registers)

    [decision] = await decided(database, child)
    assert (decision.value.number, decision.value.run.sessions) == (20, 20)
    until = DECEMBER.date() + timedelta(days=1)
    assert decision.school_days == sum(day < until for day in SCHOOL_DAYS) - 1


async def test_marks_of_a_site_found_open_after_all_count_again(
    database: Database, clock: FixedClock, school: ASchool, child: UUID
) -> None:
    await tell(database, clock, *facts(school, child), *school.absences(child, 20))
    shut, open_again = (
        school.records(SCHOOL_DAYS[0], Session.AM, {child: code}) for code in ("Y4", "O")
    )
    await tell(database, clock, shut)
    await tell(database, clock, open_again)

    kinds = [decision.kind for decision in await decided(database, child)]
    assert kinds == [Kind.MET, Kind.WITHDRAWN, Kind.MET]
