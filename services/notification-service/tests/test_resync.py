"""A dead letter about an absence is settled by what the register says now; so is the family."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from attendance_contracts.events import SchoolChanged
from attendance_runtime.clock import FixedClock
from attendance_runtime.messaging.dead_letters import resolve, unresolved
from attendance_runtime.process import resync
from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import KafkaSettings
from attendance_testing.letters import letters_left, park
from attendance_testing.tokens import TokenIssuer
from notification_service.main import SERVICE
from notification_service.sending.use_cases import Desk, send_due
from notification_testing.facts import Pupil, at, hear, states
from notification_testing.stand_ins import Sandbox, StandInRegister


@pytest.fixture
async def runtime(desk: Desk, clock: FixedClock) -> AsyncIterator[Runtime]:
    kafka = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    yield Runtime(desk.settings, kafka, clock, desk.database, TokenIssuer().verifier)
    async with desk.database.transaction() as db:
        left = await unresolved(db, SERVICE.name)
        await resolve(db, [letter.id for letter in left])


@pytest.fixture
def enrolled(robin: Pupil, register: StandInRegister) -> Pupil:
    """A pupil whose enrolment the register gives out in bulk."""
    register.copies["enrolments"] = [robin.enrolled()]
    return robin


async def test_an_absence_that_was_not_heard_is_told_once(
    runtime: Runtime, desk: Desk, clock: FixedClock, enrolled: Pupil, sandbox: Sandbox
) -> None:
    await park(desk.database, SERVICE, enrolled.absent())
    clock.set(at("08:20"))

    assert await resync(SERVICE, runtime) == 0
    await send_due(desk)
    await park(desk.database, SERVICE, enrolled.absent())
    assert await resync(SERVICE, runtime) == 0
    await send_due(desk)

    assert await states(desk, enrolled) == ["first sent"]
    assert len(sandbox.texts()) == 1
    assert await letters_left(desk.database, SERVICE) == []


async def test_every_child_of_the_letters_school_is_asked_about(
    runtime: Runtime,
    desk: Desk,
    enrolled: Pupil,
    *,
    register: StandInRegister,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The letter names the school; here two of three absences were not heard."""
    monkeypatch.setattr("notification_service.recipients.repository.CHECKS_A_REQUEST", 2)
    others = [Pupil(enrolled.school_id) for _ in range(2)]
    for pupil in others:
        register.knows(pupil)
    register.copies["enrolments"] = [pupil.enrolled() for pupil in (enrolled, *others)]
    await hear(desk, enrolled.absent())
    await park(desk.database, SERVICE, others[0].absent())

    assert await resync(SERVICE, runtime) == 0

    assert [await states(desk, pupil) for pupil in (enrolled, *others)] == 3 * [["first due"]]
    assert register.questions == 2


async def test_an_absence_that_is_over_is_told_to_nobody(
    runtime: Runtime, desk: Desk, enrolled: Pupil, register: StandInRegister
) -> None:
    register.families[enrolled.enrolment_id].is_open = False
    await park(desk.database, SERVICE, enrolled.absent())

    assert await resync(SERVICE, runtime) == 0

    assert await states(desk, enrolled) == []


async def test_an_arrival_that_was_not_heard_is_put_right(
    runtime: Runtime, desk: Desk, clock: FixedClock, enrolled: Pupil, register: StandInRegister
) -> None:
    await hear(desk, enrolled.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    register.families[enrolled.enrolment_id].is_open = False
    await park(desk.database, SERVICE, enrolled.withdrawn())
    clock.set(at("10:00", date(2026, 9, 8)))

    assert await resync(SERVICE, runtime) == 0

    assert await states(desk, enrolled) == ["first sent", "correction due"]


@pytest.mark.parametrize("stands", ["explained", "settled", "retracted"])
async def test_a_reason_that_was_not_heard_brings_nobody_an_apology(
    runtime: Runtime,
    desk: Desk,
    clock: FixedClock,
    *,
    enrolled: Pupil,
    register: StandInRegister,
    stands: str,
) -> None:
    await hear(desk, enrolled.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    family = register.families[enrolled.enrolment_id]
    family.is_open, family.stands = False, stands
    await park(desk.database, SERVICE, enrolled.explained())

    assert await resync(SERVICE, runtime) == 0

    assert await states(desk, enrolled) == ["first sent"]


async def test_settings_that_were_not_heard_are_kept_and_planned_by(
    runtime: Runtime,
    desk: Desk,
    clock: FixedClock,
    school: SchoolChanged,
    *,
    enrolled: Pupil,
    register: StandInRegister,
) -> None:
    patient = replace(school, contact_grace_minutes=60, version=2)
    await hear(desk, enrolled.absent())
    await park(desk.database, SERVICE, patient)
    register.copies["schools"] = [patient]

    assert await resync(SERVICE, runtime) == 0

    clock.set(at("08:20"))
    assert await send_due(desk) == 0
    clock.set(at("09:20"))
    assert await send_due(desk) == 1


@pytest.mark.parametrize("part", ["roll", "contacts"])
async def test_letters_stay_while_the_register_is_away(
    runtime: Runtime, desk: Desk, enrolled: Pupil, register: StandInRegister, part: str
) -> None:
    register.is_away = True
    away = {"register_url": "http://127.0.0.1:1"} if part == "roll" else {}
    settings = desk.settings.model_copy(update=away)
    await park(desk.database, SERVICE, enrolled.absent())

    assert await resync(SERVICE, replace(runtime, settings=settings)) == 1

    assert len(await letters_left(desk.database, SERVICE)) == 1
    assert await states(desk, enrolled) == []


async def test_a_letter_about_a_child_nobody_knows_is_settled(runtime: Runtime, desk: Desk) -> None:
    await park(desk.database, SERVICE, Pupil(uuid4()).absent())

    assert await resync(SERVICE, runtime) == 0
