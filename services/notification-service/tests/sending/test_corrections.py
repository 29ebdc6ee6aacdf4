"""Corrections: to whom, when, and what stops them, on real parts."""

from datetime import date, datetime

import pytest
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from notification_service.sending.use_cases import Desk, send_due
from notification_testing.facts import Pupil, at, hear, recover, states
from notification_testing.stand_ins import Sandbox, StandInRegister, a_contact

TUESDAY = date(2026, 9, 8)
ROBINS_TEXT = (
    "Amber School: Robin was marked absent in the morning on Monday 7 September and we do not "
    "know why. Please contact the school office as soon as you can."
)
ROBINS_CORRECTION = (
    "Amber School: the register for Monday 7 September has been put right. Please ignore our "
    "message about Robin. You do not need to do anything. We are sorry for any worry."
)


async def test_a_correction_follows_to_the_one_who_was_told(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    family = register.families[robin.enrolment_id]
    family.is_open = False
    family.contacts.insert(0, a_contact(mobile="07700 900999", priority=0))

    clock.set(at("08:40"))
    await hear(desk, robin.withdrawn(at("08:40")))
    await send_due(desk)
    await send_due(desk)

    assert sandbox.texts() == [ROBINS_TEXT, ROBINS_CORRECTION]
    assert {message["to"] for message in sandbox.messages()} == {"+447700900123"}
    assert await states(desk, robin) == ["first sent", "correction sent"]


@pytest.mark.parametrize("stands", ["explained", "settled", "retracted"])
async def test_a_reason_that_only_the_register_knows_yet_stops_the_correction(
    desk: Desk,
    clock: FixedClock,
    robin: Pupil,
    *,
    register: StandInRegister,
    sandbox: Sandbox,
    stands: str,
) -> None:
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    family = register.families[robin.enrolment_id]
    family.is_open, family.stands = False, stands

    await hear(desk, robin.withdrawn(at("08:40")))
    await send_due(desk)

    assert sandbox.texts() == [ROBINS_TEXT]
    assert await states(desk, robin) == ["first sent", "correction cancelled"]


async def test_a_correction_that_is_decided_at_night_waits_for_the_morning(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    register.families[robin.enrolment_id].is_open = False

    clock.set(at("21:00"))
    await hear(desk, robin.withdrawn(at("21:00")))
    await send_due(desk)
    assert await send_due(desk) == 0
    clock.set(at("06:59", TUESDAY))
    assert await send_due(desk) == 0
    assert sandbox.texts() == [ROBINS_TEXT]

    clock.set(at("07:00", TUESDAY))
    await send_due(desk)
    assert sandbox.texts() == [ROBINS_TEXT, ROBINS_CORRECTION]
    assert await states(desk, robin) == ["first sent", "correction sent"]


@pytest.mark.parametrize(
    ("known_at", "next_school_day"),
    [
        (at("19:00", date(2026, 9, 8)), "2026-09-08"),  # no morning of the next school day is left
        (at("09:00", date(2026, 9, 9)), "2026-09-08"),
        (at("09:00", date(2026, 9, 14)), "2026-09-11"),
    ],
)
async def test_a_correction_that_comes_too_late_is_kept_as_such_for_the_office(
    desk: Desk,
    clock: FixedClock,
    robin: Pupil,
    *,
    register: StandInRegister,
    sandbox: Sandbox,
    known_at: datetime,
    next_school_day: str,
) -> None:
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    family = register.families[robin.enrolment_id]
    family.is_open, family.next_school_day = False, next_school_day

    clock.set(known_at)
    await hear(desk, robin.withdrawn(known_at))
    await send_due(desk)

    assert sandbox.texts() == [ROBINS_TEXT]
    assert await states(desk, robin) == ["first sent", "correction failed"]
    async with desk.database.transaction() as db:
        reason = await db.scalar(text("SELECT reason FROM messages WHERE kind = 'correction'"))
    assert reason == "too-late"


async def test_a_provider_that_comes_back_at_night_hands_no_correction_over_before_the_morning(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    register.families[robin.enrolment_id].is_open = False
    sandbox.fail("server-error", count=1)
    clock.set(at("18:59"))
    await hear(desk, robin.withdrawn(at("18:59")))
    await send_due(desk)
    sandbox.recover()

    clock.set(at("19:00"))
    await recover(desk)
    assert sandbox.texts() == [ROBINS_TEXT]

    clock.set(at("07:00", TUESDAY))
    await send_due(desk)
    assert sandbox.texts() == [ROBINS_TEXT, ROBINS_CORRECTION]


async def test_nobody_is_corrected_who_may_no_longer_be_told(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    family = register.families[robin.enrolment_id]
    family.is_open, family.contacts = False, []

    await hear(desk, robin.withdrawn(at("08:40")))
    await send_due(desk)

    assert sandbox.texts() == [ROBINS_TEXT]
    assert await states(desk, robin) == ["first sent", "correction failed"]


async def test_one_of_two_who_were_named_together_is_corrected_alone(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    alex = Pupil(robin.school_id)
    register.knows(alex, child_name="Alex")
    await hear(desk, robin.absent(), alex.absent())
    clock.set(at("08:20"))
    await send_due(desk)

    register.families[robin.enrolment_id].is_open = False
    await hear(desk, robin.withdrawn(at("08:40")))
    await send_due(desk)

    assert sandbox.texts()[1:] == [ROBINS_CORRECTION]
