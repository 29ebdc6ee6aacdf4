"""Senders die, freeze and meet one another: one message all the same."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from attendance_contracts.events import SchoolChanged
from attendance_runtime.clock import FixedClock
from attendance_testing.facts import a_school
from notification_service.providers.notify.client import Notify
from notification_service.sending.repository import CLAIM
from notification_service.sending.use_cases import (
    Desk,
    Lease,
    ask_register,
    claim_due,
    hand_over,
    keep_addresses,
    reconcile,
    record,
    send_due,
)
from notification_testing.facts import (
    Pupil,
    at,
    carried_by,
    hear,
    hear_of,
    let_leases_end,
    recover,
    states,
)
from notification_testing.stand_ins import Sandbox, StandInRegister, a_contact
from notify_sandbox.keys import LIVE_API_KEY


async def die_after_claiming(desk: Desk) -> None:
    await claim_due(desk)


async def die_after_asking(desk: Desk) -> None:
    await ask_register(desk, await claim_due(desk))


async def die_before_the_hand_over(desk: Desk) -> None:
    addressed, _ = await ask_register(desk, await claim_due(desk))
    await keep_addresses(desk, addressed)


async def die_after_the_hand_over(desk: Desk) -> None:
    addressed, _ = await ask_register(desk, await claim_due(desk))
    handovers, _ = await keep_addresses(desk, addressed)
    await hand_over(desk, handovers, Lease.of(2))


@pytest.mark.parametrize(
    "die",
    [die_after_claiming, die_after_asking, die_before_the_hand_over, die_after_the_hand_over],
)
async def test_a_sender_that_dies_between_two_steps_leaves_one_message(
    desk: Desk, absent: Pupil, sandbox: Sandbox, die: Callable[[Desk], Awaitable[None]]
) -> None:
    await die(desk)
    await recover(desk)
    await recover(desk)

    assert len(sandbox.texts()) == 1
    assert await states(desk, absent) == ["first sent"]


@pytest.mark.parametrize(
    "die",
    [die_after_claiming, die_after_asking, die_before_the_hand_over, die_after_the_hand_over],
)
async def test_a_child_found_while_a_dead_sender_held_the_message_is_not_left_mistold(
    desk: Desk,
    absent: Pupil,
    register: StandInRegister,
    sandbox: Sandbox,
    die: Callable[[Desk], Awaitable[None]],
) -> None:
    await die(desk)
    register.families[absent.enrolment_id].is_open = False
    await hear(desk, absent.withdrawn(at("08:21")))
    for _ in range(3):
        await recover(desk)

    told = len(sandbox.texts())
    assert told == (2 if die is die_after_the_hand_over else 0)


async def test_nothing_is_handed_over_on_a_lease_that_is_about_to_end(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    addressed, _ = await ask_register(desk, await claim_due(desk))
    handovers, _ = await keep_addresses(desk, addressed)

    told = await hand_over(desk, handovers, Lease.of(desk.settings.notify_timeout_seconds / 2))
    await record(desk, told)

    assert sandbox.texts() == []
    assert await states(desk, absent) == ["first due"]


async def test_a_sender_that_wakes_after_another_took_over_hands_nothing_over(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    claimed = await claim_due(desk)
    addressed, _ = await ask_register(desk, claimed)
    await recover(desk)  # while the first sender is frozen

    handovers, lost = await keep_addresses(desk, addressed)
    await record(desk, lost)

    assert handovers == []
    assert len(sandbox.texts()) == 1
    assert await states(desk, absent) == ["first sent"]


async def test_a_hand_over_that_was_thought_lost_is_recorded_when_its_sender_wakes(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    addressed, _ = await ask_register(desk, await claim_due(desk))
    handovers, _ = await keep_addresses(desk, addressed)
    told = await hand_over(desk, handovers, Lease.of(2))
    await hear(desk, absent.withdrawn(at("08:21")))
    await let_leases_end(desk)
    await reconcile(desk)

    await record(desk, told)

    assert await states(desk, absent) == ["first sent", "correction due"]
    assert len(sandbox.texts()) == 1


async def test_four_senders_at_once_send_each_message_once(
    desk: Desk, clock: FixedClock, register: StandInRegister, sandbox: Sandbox
) -> None:
    schools = [a_school(urn=str(100000 + number)) for number in range(5)]
    await hear_of(desk, *schools)
    pupils = [Pupil(school.school_id) for school in schools for _ in range(12)]
    for number, pupil in enumerate(pupils):
        register.knows(pupil, contacts=[a_contact(mobile=f"07700 900{number + 300}")])
    await hear(desk, *(pupil.absent() for pupil in pupils))
    clock.set(at("08:20"))

    while sum(await asyncio.gather(*(send_due(desk) for _ in range(4)))):
        pass

    told = [message["recipient"] for message in sandbox.messages()]
    assert len(told) == len(set(told)) == 60


async def test_brothers_and_sisters_are_not_torn_apart_between_senders(
    desk: Desk,
    clock: FixedClock,
    school: SchoolChanged,
    register: StandInRegister,
    sandbox: Sandbox,
) -> None:
    pupils = [Pupil(school.school_id) for _ in range(40)]
    for number, pupil in enumerate(pupils):
        contact = a_contact(mobile=f"07700 900{number // 2 + 300}")
        register.knows(pupil, child_name=f"Child {number}", contacts=[contact])
    await hear(desk, *(pupil.absent() for pupil in pupils))
    clock.set(at("08:20"))

    await asyncio.gather(*(send_due(desk) for _ in range(4)))

    assert len(sandbox.texts()) == 20


async def test_a_change_heard_after_the_registers_answer_asks_again(
    desk: Desk, absent: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    claimed = await claim_due(desk)
    register.families[absent.enrolment_id].is_open = False
    _, not_open = await ask_register(desk, claimed)
    register.families[absent.enrolment_id].is_open = True
    await hear(desk, absent.withdrawn(at("08:21")), absent.absent(at("08:22")))

    await record(desk, not_open)
    clock = desk.clock
    assert isinstance(clock, FixedClock)
    clock.set(at("08:22"))
    await send_due(desk)

    assert len(sandbox.texts()) == 1


async def test_a_fault_of_our_own_leaves_the_message_to_be_looked_up(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    async with Notify(sandbox.url, LIVE_API_KEY, timeout_seconds=0.5) as closed:
        pass
    await send_due(replace(desk, providers=carried_by(closed)))
    assert await states(desk, absent) == ["first sending"]

    await recover(desk)

    assert len(sandbox.texts()) == 1


async def test_a_message_that_was_never_handed_over_is_sent_however_long_we_were_down(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    await claim_due(desk)
    async with desk.database.transaction() as db:
        await db.execute(
            text("UPDATE messages SET tried_at = clock_timestamp() - interval '9 hours'")
        )

    await recover(desk)

    assert await states(desk, absent) == ["first sent"]
    assert len(sandbox.texts()) == 1


async def test_looking_for_what_is_due_reads_no_whole_table(
    desk: Desk, clock: FixedClock, school: SchoolChanged
) -> None:
    """An idle sender once read every episode there is, twenty times a second."""
    await hear(desk, *(Pupil(school.school_id).absent() for _ in range(2000)))
    parameters = {"now": clock.now(), "lease_seconds": 2.0, "schools": 20}
    async with desk.database.transaction() as db:
        await db.execute(text("ANALYZE episodes, messages, schools"))
        rows = await db.execute(text(f"EXPLAIN {CLAIM.text}"), parameters)
        plan = list(rows.scalars())

    whole_tables = ("Seq Scan on messages", "Seq Scan on episodes")
    assert not [line for line in plan if any(scan in line for scan in whole_tables)]
