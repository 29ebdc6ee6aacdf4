"""From a mark to the text in the provider's hands, on real parts."""

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.clock import FixedClock
from attendance_testing.facts import a_school
from notification_service.sending.use_cases import Desk, send_due
from notification_testing.facts import Pupil, announced, at, hear, hear_of, states
from notification_testing.stand_ins import Sandbox, StandInRegister, a_contact

ROBINS_TEXT = (
    "Amber School: Robin was marked absent in the morning on Monday 7 September and we do not "
    "know why. Please contact the school office as soon as you can."
)


async def test_a_missed_session_reaches_the_family_when_the_register_has_closed(
    desk: Desk, clock: FixedClock, robin: Pupil, sandbox: Sandbox
) -> None:
    await hear(desk, robin.absent())

    clock.set(at("08:19"))
    assert await send_due(desk) == 0
    clock.set(at("08:20"))
    assert await send_due(desk) == 1

    assert sandbox.texts() == [ROBINS_TEXT]
    assert await states(desk, robin) == ["first sent"]
    assert await announced(desk) == ["uk.firstday.contact.sent.v1"]


async def test_the_message_keeps_neither_name_nor_number(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister
) -> None:
    contact = register.families[robin.enrolment_id].contacts[0]
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)

    async with desk.database.transaction() as db:
        rows = await db.execute(text("SELECT to_jsonb(messages) FROM messages"))
        (message,) = rows.scalars()

    assert message["contact_id"] == contact["contact_id"]
    assert message["reference"] is not None
    assert message["notify_id"] is not None
    assert not any(value in str(message) for value in ("Robin", "Parent", "900123"))


async def test_an_email_is_sent_where_there_is_no_mobile(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    family = register.families[robin.enrolment_id]
    family.contacts = [a_contact(mobile=None, email="parent@example.org")]
    await hear(desk, robin.absent(session=Session.PM))
    clock.set(at("12:35"))

    await send_due(desk)

    (message,) = sandbox.messages()
    assert (message["type"], message["to"]) == ("email", "parent@example.org")
    assert message["subject"] == "Robin is absent from Amber School on Monday 7 September"


async def test_a_name_does_not_become_a_link_in_an_email(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    family = register.families[robin.enrolment_id]
    family.child_name = "Robin https://example.org/free"
    family.contacts = [a_contact(mobile=None, email="parent@example.org")]
    await hear(desk, robin.absent())
    clock.set(at("08:20"))

    await send_due(desk)

    (body,) = sandbox.texts()
    assert "https://" not in body


async def test_a_late_arrival_stops_the_message(
    desk: Desk, clock: FixedClock, robin: Pupil, sandbox: Sandbox
) -> None:
    await hear(desk, robin.absent())
    await hear(desk, robin.withdrawn(at("08:15")))
    clock.set(at("08:20"))

    await send_due(desk)

    assert sandbox.texts() == []


async def test_a_reason_that_only_the_register_knows_yet_stops_the_message(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    register.families[robin.enrolment_id].is_open = False
    await hear(desk, robin.absent())
    clock.set(at("08:20"))

    await send_due(desk)
    await hear(desk, robin.explained(at("08:19")))

    assert sandbox.texts() == []
    assert await states(desk, robin) == ["first cancelled"]


async def test_of_a_child_with_nobody_to_tell_the_school_hears(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister
) -> None:
    labels = {"kind": "first", "state": "failed", "reason": "nobody-to-tell"}
    before = REGISTRY.get_sample_value("firstday_message_changes_total", labels) or 0
    register.families[robin.enrolment_id].contacts = []
    await hear(desk, robin.absent())
    clock.set(at("08:20"))

    await send_due(desk)

    assert await states(desk, robin) == ["first failed"]
    assert REGISTRY.get_sample_value("firstday_message_changes_total", labels) == before + 1
    assert await announced(desk) == ["uk.firstday.contact.exhausted.v1"]


async def test_brothers_and_sisters_share_one_text(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    alex = Pupil(robin.school_id)
    register.knows(alex, child_name="Alex")
    await hear(desk, robin.absent(), alex.absent())
    clock.set(at("08:20"))

    await send_due(desk)

    (body,) = sandbox.texts()
    assert body.startswith("Amber School: Alex and Robin were marked absent in the morning")
    assert await states(desk, robin) == await states(desk, alex) == ["first sent"]
    assert await announced(desk) == ["uk.firstday.contact.sent.v1"]


async def test_children_of_one_parent_at_two_schools_are_never_named_together(
    desk: Desk, clock: FixedClock, robin: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    other = a_school(urn="100001")
    await hear_of(desk, other)
    alex = Pupil(other.school_id)
    register.knows(alex, child_name="Alex", school_name="Beech School")
    await hear(desk, robin.absent(), alex.absent())
    clock.set(at("08:20"))

    await send_due(desk)

    assert len(sandbox.texts()) == 2


async def test_the_latency_runs_from_when_contact_was_due(
    desk: Desk, clock: FixedClock, robin: Pupil
) -> None:
    name = "firstday_mark_to_message_seconds_sum"
    before = REGISTRY.get_sample_value(name) or 0
    await hear(desk, robin.absent())
    clock.set(at("08:20:03"))

    await send_due(desk)

    assert REGISTRY.get_sample_value(name) == pytest.approx(before + 3)


async def test_a_driven_clock_that_goes_back_sends_nothing_again(
    desk: Desk, clock: FixedClock, robin: Pupil, sandbox: Sandbox
) -> None:
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)

    clock.set(at("08:19:58"))
    await send_due(desk)
    clock.set(at("08:20"))
    await send_due(desk)

    assert len(sandbox.texts()) == 1
