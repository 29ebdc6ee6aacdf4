"""A dead letter is settled by what the register says now: the ledger, the copies, the decisions."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from attendance_contracts.calendar import Session
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_runtime.messaging.dead_letters import resolve, unresolved
from attendance_runtime.process import resync
from attendance_runtime.runtime import Runtime
from attendance_testing.letters import letters_left, park
from attendance_testing.register import StandInRegister
from attendance_testing.serving import runtime_for
from attendance_testing.tokens import TokenIssuer
from escalation_service.decisions.domain import Kind
from escalation_service.decisions.repository import decisions_on
from escalation_service.main import SERVICE
from escalation_testing.facts import NOW, SCHOOL_DAYS, AChild, consume

FIRST_MORNING = (SCHOOL_DAYS[0], Session.AM)


@pytest.fixture
async def register() -> AsyncIterator[StandInRegister]:
    async with StandInRegister().serving() as register:
        yield register


@pytest.fixture
async def runtime(
    database: Database, issuer: TokenIssuer, register: StandInRegister
) -> AsyncIterator[Runtime]:
    yield runtime_for(
        SERVICE,
        database,
        FixedClock(NOW.isoformat()),
        issuer,
        issuer_url=register.url,
        register_url=register.url,
        client_id="escalation",
        client_secret="quiet",
    )
    async with database.transaction() as db:
        left = await unresolved(db, SERVICE.name)
        await resolve(db, [letter.id for letter in left])


async def decided_on(database: Database, child: AChild) -> list[Kind]:
    async with database.transaction() as db:
        return [decision.kind for decision in await decisions_on(db, child.id)]


async def test_a_present_mark_that_was_not_heard_takes_a_decision_back(
    runtime: Runtime, database: Database, child: AChild, register: StandInRegister
) -> None:
    await park(database, SERVICE, child.school.records(*FIRST_MORNING, {child.id: "/"}))
    register.marks = child.school.diary()

    assert await resync(SERVICE, runtime) == 0

    assert await decided_on(database, child) == [Kind.MET, Kind.WITHDRAWN]
    assert await letters_left(database, SERVICE) == []


async def test_absences_that_were_not_heard_meet_the_threshold(
    runtime: Runtime, database: Database, register: StandInRegister
) -> None:
    child = AChild()
    *known, parked = child.facts()
    async with database.transaction() as db:
        await consume(db, known)
    assert await decided_on(database, child) == []
    await park(database, SERVICE, parked)
    register.marks = child.school.diary()

    assert await resync(SERVICE, runtime) == 0

    assert await decided_on(database, child) == [Kind.MET]


async def test_a_child_whose_marks_are_all_gone_has_no_decision_left(
    runtime: Runtime, database: Database, child: AChild
) -> None:
    await park(database, SERVICE, child.school.records(*FIRST_MORNING, {child.id: "/"}))

    assert await resync(SERVICE, runtime) == 0

    assert await decided_on(database, child) == [Kind.MET, Kind.WITHDRAWN]


async def test_the_same_marks_again_change_nothing(
    runtime: Runtime, database: Database, child: AChild, register: StandInRegister
) -> None:
    await park(database, SERVICE, child.school.records(*FIRST_MORNING, {child.id: "O"}))
    register.marks = child.school.diary()

    assert await resync(SERVICE, runtime) == 0

    assert await decided_on(database, child) == [Kind.MET]


async def test_an_enrolment_that_was_not_heard_of_is_evaluated(
    runtime: Runtime, database: Database, register: StandInRegister
) -> None:
    child = AChild()
    school, calendar, enrolment, care, *absences = child.facts()
    async with database.transaction() as db:
        await consume(db, absences)
    for event in (school, calendar, enrolment, care):
        await park(database, SERVICE, event)
    register.copies = {
        "schools": [school],
        "calendars": [calendar],
        "enrolments": [enrolment],
        "care-statuses": [care],
    }

    assert await resync(SERVICE, runtime) == 0

    assert await decided_on(database, child) == [Kind.MET]
    assert await letters_left(database, SERVICE) == []


@pytest.mark.parametrize("away", [{"register_url": "http://127.0.0.1:1"}, {"register_url": None}])
async def test_letters_stay_while_the_register_cannot_be_read(
    runtime: Runtime, database: Database, child: AChild, away: dict[str, str | None]
) -> None:
    await park(database, SERVICE, child.school.records(*FIRST_MORNING, {child.id: "/"}))
    settings = runtime.settings.model_copy(update=away)

    assert await resync(SERVICE, replace(runtime, settings=settings)) == 1

    assert len(await letters_left(database, SERVICE)) == 1
    assert await decided_on(database, child) == [Kind.MET]
