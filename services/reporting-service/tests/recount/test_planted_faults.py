"""A recount can fail: what a projection counts that it must not, or does not, is found by name.

Each fault is planted in a projection that follows roll, calendar and clock, with counters and
totals that agree with it: nothing but the register's own roll and calendars can tell.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import SLOTS_PER_YEAR, Session
from attendance_contracts.codes import NUMBER_OF
from attendance_contracts.counting import OnRoll, Uncounted
from attendance_contracts.events import CalendarChanged, EnrolmentChanged, RegisterRecorded
from attendance_contracts.measures import Tally
from attendance_runtime.database import Database
from reporting_service.projection import domain, repository
from reporting_service.projection.domain import KeptYear, YearOfMarks, sessions_of
from reporting_service.recount.use_cases import mend_school, rebuild, recount
from reporting_testing.facts import ASchool, tell
from reporting_testing.stand_ins import ReadRegister

MONDAY = date(2026, 9, 7)
WEEK = tuple(MONDAY + timedelta(days=n) for n in range(5))
CLOSED = WEEK[1]
LAST_DAY = WEEK[2]
AHEAD = WEEK[4]
NOW = datetime(2026, 9, 10, 15, tzinfo=UTC)  # Thursday, after school


@pytest.fixture
async def child(database: Database, school: ASchool) -> EnrolmentChanged:
    """A child with an O in each session of the week, Friday's entered ahead."""
    child = school.enrols()
    marks = {child.enrolment_id: "O"}
    registers = [school.takes(day, half, marks) for day in WEEK[:4] for half in Session]
    planned = [school.takes(AHEAD, half, marks, at=NOW) for half in Session]
    async with database.transaction() as db:
        await db.execute(text("TRUNCATE enrolment_years, school_years, enrolments"))
        await tell(db, school.changed(), school.meets(*WEEK), child, *registers, *planned, now=NOW)
    return child


def register_of(
    school: ASchool, child: EnrolmentChanged, calendar: CalendarChanged
) -> ReadRegister:
    """What the register says: every mark, and roll and calendar as they now stand there."""
    marks = [(child.enrolment_id, day, half, "O") for day in WEEK for half in Session]
    return ReadRegister([school.changed(), calendar, child], marks)


async def plant(database: Database, child: UUID, stands: object) -> None:
    """Let the row stand as a projection would leave it that does not heed something."""
    assert callable(stands)
    async with database.transaction() as db:
        [kept] = await repository.lock_years_of(db, [child])
        await repository.replace_figures(db, [(kept, stands(kept))])


def heedless_of_the_roll(kept: KeptYear) -> YearOfMarks:
    return domain.figured(replace(kept, on_roll=replace(kept.on_roll, last=None)), NOW)


def heedless_of_closures(kept: KeptYear) -> YearOfMarks:
    week = [place for day in WEEK for place in domain_slots(day)]
    return domain.figured(replace(kept, taught=tuple(week)), NOW)


def heedless_of_the_clock(kept: KeptYear) -> YearOfMarks:
    return domain.figured(kept, NOW + timedelta(days=1))


def without_a_mark(kept: KeptYear) -> YearOfMarks:
    first = domain_slots(MONDAY)[0]
    marks = kept.stands.marks
    return domain.year_of(marks[:first] + b"\0" + marks[first + 1 :], kept.stands.sessions)


def domain_slots(day: date) -> tuple[int, int]:
    place = 2 * (day - date(2026, 9, 1)).days
    return place, place + 1


@pytest.mark.parametrize(
    ("change", "stands", "where", "why"),
    [
        ("left", heedless_of_the_roll, WEEK[3], "counted, but not on roll that day"),
        ("closed", heedless_of_closures, CLOSED, "counted, but no session of the calendar"),
        ("", heedless_of_the_clock, AHEAD, "counted, but its session has not begun"),
        ("", without_a_mark, MONDAY, "missing"),
    ],
    ids=[
        "a leaver's marks are counted",
        "a closed day's marks are counted",
        "a planned mark is counted",
        "a mark is missing",
    ],
)
async def test_a_planted_fault_is_found_by_its_name_and_mended(
    *,
    database: Database,
    school: ASchool,
    child: EnrolmentChanged,
    change: str,
    stands: object,
    where: date,
    why: str,
) -> None:
    calendar = school.meets(*(day for day in WEEK if change != "closed" or day != CLOSED))
    last_day = LAST_DAY if change == "left" else None
    child = replace(child, ends_on=last_day, version=child.version + 10)
    register = register_of(school, child, calendar)
    async with database.transaction() as db:
        await tell(db, calendar, child, now=NOW)
    assert (await recount(database, register, now=NOW)).faults == []

    await plant(database, child.enrolment_id, stands)

    found = await recount(database, register, now=NOW)
    halves = Session if why != "missing" else [Session.AM]
    of_marks = [str(one) for one in found.differences if one.slot is not None]
    assert of_marks == [
        f"{child.enrolment_id} 2026/27 slot {place} ({where} {half}): {why}"
        for half, place in zip(halves, domain_slots(where), strict=False)
    ]
    assert f"{child.enrolment_id} 2026/27 counters" in map(str, found.differences)
    assert found.wrong_totals == []

    await rebuild(database, register, now=NOW)
    await rebuild(database, register, now=NOW)
    assert (await recount(database, register, now=NOW)).faults == []


def forgets_leavers(on_roll: OnRoll, year: int, taught: tuple[int, ...]) -> bytes:
    return sessions_of(replace(on_roll, last=None), year, taught)


def forgets_closures(on_roll: OnRoll, year: int, _: tuple[int, ...]) -> bytes:
    return sessions_of(on_roll, year, tuple(range(SLOTS_PER_YEAR)))


def forgets_the_clock(_: RegisterRecorded) -> datetime:
    return datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("part", "broken", "last_day", "where", "why"),
    [
        ("sessions_of", forgets_leavers, LAST_DAY, WEEK[3], Uncounted.NOT_ON_ROLL),
        ("sessions_of", forgets_closures, None, CLOSED, Uncounted.NO_SESSION),
        ("begins_at", forgets_the_clock, None, AHEAD, Uncounted.PLANNED),
    ],
)
async def test_a_projection_that_forgets_a_part_of_the_rule_is_found_out(
    *,
    database: Database,
    school: ASchool,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    broken: object,
    last_day: date | None,
    where: date,
    why: Uncounted,
) -> None:
    """The code itself is broken, and everything told to it: a recount does not count by that code.

    What the projection is told unbroken is true: without that the last lines would prove nothing.
    """
    child = school.enrols(ends_on=last_day)
    marks = {child.enrolment_id: "O"}
    calendar = school.meets(*(day for day in WEEK if day != CLOSED))
    registers = [school.takes(day, half, marks) for day in WEEK[:4] for half in Session]
    planned = [school.takes(AHEAD, half, marks, at=NOW) for half in Session]
    facts = (school.changed(), calendar, child, *registers, *planned)
    register = register_of(school, child, calendar)

    async def found() -> list[str]:
        async with database.transaction() as db:
            await db.execute(text("TRUNCATE enrolment_years, school_years, enrolments, calendars"))
            await tell(db, *facts, now=NOW)
        differences = (await recount(database, register, now=NOW)).differences
        return [str(one) for one in differences if one.slot is not None]

    assert await found() == []
    monkeypatch.setattr(domain, part, broken)
    assert await found() == [
        f"{child.enrolment_id} 2026/27 slot {place} ({where} {half}): counted, but {why}"
        for half, place in zip(Session, domain_slots(where), strict=True)
    ]


async def test_a_copy_of_the_roll_that_missed_a_leaver_is_found(
    database: Database, school: ASchool, child: EnrolmentChanged
) -> None:
    """Nothing of the projection is wrong by what it was told; the register knows better."""
    left = replace(child, ends_on=LAST_DAY, version=child.version + 10)
    register = register_of(school, left, school.meets(*WEEK))

    found = await recount(database, register, now=NOW)

    assert {one.why for one in found.differences if one.slot is not None} == {
        "counted, but not on roll that day"
    }


async def test_a_schools_rows_are_mended_by_roll_calendar_and_clock(
    database: Database, school: ASchool, child: EnrolmentChanged
) -> None:
    """As for a dead letter, planned marks included: they count once their session begins."""
    register = register_of(school, child, school.meets(*WEEK))
    async with database.transaction() as db:
        await db.execute(text("DELETE FROM timers"))
        await db.execute(text("UPDATE enrolment_years SET marks = :none"), {"none": bytes(732)})

    async with database.transaction() as db:
        await mend_school(db, school.id, register, now=NOW)
        years = await repository.years_of(db, [child.enrolment_id], [2026])
        awaited = list(await db.scalars(text("SELECT due_at FROM timers ORDER BY due_at")))

    year = years[child.enrolment_id][2026]
    assert year.tally == Tally(unauthorised=8)
    assert year.planned.count(NUMBER_OF["O"]) == 2
    assert awaited == [
        datetime(2026, 9, 11, hour, minute, tzinfo=UTC) for hour, minute in ((7, 50), (12, 0))
    ]
