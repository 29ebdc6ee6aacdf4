"""A dead letter is settled by what the register says now, and the school is complete again."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from attendance_contracts.calendar import Session
from attendance_contracts.events import CaseAssigned, RegisterRecorded
from attendance_contracts.measures import Tally
from attendance_runtime.database import Database
from attendance_runtime.messaging.dead_letters import incomplete_keys, resolve, unresolved
from attendance_runtime.process import resync
from attendance_runtime.runtime import Runtime
from attendance_testing.letters import letters_left, park
from reporting_service.main import SERVICE
from reporting_service.projection.repository import years_of
from reporting_service.schools.repository import schools_by_id
from reporting_testing.facts import ASchool, in_care_of, new_id, tell
from reporting_testing.register import StandInRegister

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _without_letters(database: Database) -> None:
    async with database.transaction() as db:
        left = await unresolved(db, SERVICE.name)
        await resolve(db, [letter.id for letter in left])


@pytest.fixture
async def parked(
    database: Database, school: ASchool, register: StandInRegister
) -> RegisterRecorded:
    """A register that was not applied: two children absent. One was late, the register says now."""
    robin, sasha = school.enrols(), school.enrols()
    async with database.transaction() as db:
        facts = school.opens(2026)
        await tell(db, *facts, robin, sasha, now=NOW)
    register.copies = {
        "schools": facts[:1],
        "calendars": facts[1:],
        "enrolments": [robin, sasha],
    }
    children = (robin.enrolment_id, sasha.enrolment_id)
    register.marks = [
        (children[0], MONDAY, Session.AM, "L"),
        (children[1], MONDAY, Session.AM, "N"),
    ]
    event = school.takes(MONDAY, Session.AM, dict.fromkeys(children, "N"))
    await park(database, SERVICE, event)
    return event


async def tallies(database: Database, event: RegisterRecorded) -> list[Tally]:
    async with database.transaction() as db:
        years = await years_of(db, event.enrolments, [2026])
    return [years[child][2026].tally for child in event.enrolments]


async def test_a_schools_rows_become_what_the_register_says_now(
    runtime: Runtime, database: Database, parked: RegisterRecorded, school: ASchool
) -> None:
    await park(database, SERVICE, parked)
    async with database.transaction() as db:
        assert await incomplete_keys(db, [str(school.id)])

    assert await resync(SERVICE, runtime) == 0

    assert await tallies(database, parked) == [Tally(attended=1), Tally(unauthorised=1)]
    async with database.transaction() as db:
        assert not await incomplete_keys(db, [str(school.id)])


async def test_a_mark_that_the_register_does_not_have_goes(
    runtime: Runtime, database: Database, parked: RegisterRecorded, register: StandInRegister
) -> None:
    async with database.transaction() as db:
        await tell(db, parked, now=NOW)
    register.marks = register.marks[1:]

    assert await resync(SERVICE, runtime) == 0

    assert await tallies(database, parked) == [Tally(), Tally(unauthorised=1)]


async def test_other_schools_rows_are_left_alone(
    runtime: Runtime, database: Database, parked: RegisterRecorded
) -> None:
    other = ASchool()
    enrolment = other.enrols()
    register = other.takes(MONDAY, Session.AM, {enrolment.enrolment_id: "/"})
    async with database.transaction() as db:
        await tell(db, *other.opens(2026), enrolment, register, now=NOW)

    assert await resync(SERVICE, runtime) == 0

    assert await tallies(database, register) == [Tally(attended=1)]
    assert await letters_left(database, SERVICE) == [], str(parked)


async def test_copies_become_what_the_register_says_now(
    runtime: Runtime, database: Database, school: ASchool, register: StandInRegister
) -> None:
    before, enrolment, calendar = school.changed(), school.enrols(), school.meets(MONDAY)
    child = in_care_of("worker-1", enrolment.child_id)
    now = school.changed(name="Heron Road")
    for event in (before, calendar, enrolment, child):
        await park(database, SERVICE, event)
    register.copies = {
        "schools": [now],
        "calendars": [calendar],
        "enrolments": [enrolment],
        "care-statuses": [child],
    }

    assert await resync(SERVICE, runtime) == 0

    async with database.transaction() as db:
        assert (await schools_by_id(db, [school.id]))[school.id].name == "Heron Road"
        years = await years_of(db, [enrolment.enrolment_id], [2026])
    assert years[enrolment.enrolment_id][2026].tally == Tally()
    assert await letters_left(database, SERVICE) == []


@pytest.mark.parametrize("away", [{"register_url": "http://127.0.0.1:1"}, {"client_id": None}])
async def test_letters_stay_while_the_register_cannot_be_read(
    runtime: Runtime, database: Database, parked: RegisterRecorded, away: dict[str, str | None]
) -> None:
    settings = runtime.settings.model_copy(update=away)

    assert await resync(SERVICE, replace(runtime, settings=settings)) == 1

    assert len(await letters_left(database, SERVICE)) == 1
    assert await tallies(database, parked) == [Tally(), Tally()]
    assert await resync(SERVICE, runtime) == 0


async def test_a_letter_about_a_case_stays_and_keeps_no_other(
    runtime: Runtime, database: Database, parked: RegisterRecorded
) -> None:
    case = CaseAssigned(
        case_id=new_id(),
        decision_id=new_id(),
        enrolment_id=parked.enrolments[0],
        child_id=new_id(),
        school_id=parked.school_id,
        policy="dudley",
        rule="ten-days",
        recorded_at=NOW,
        assigned_to="lead-1",
    )
    await park(database, SERVICE, case)

    assert await resync(SERVICE, runtime) == 1

    assert await letters_left(database, SERVICE) == [str(case.child_id)]
