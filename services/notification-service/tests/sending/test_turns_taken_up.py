"""A better number of the same day, and senders that die at any turn: one told, nobody twice."""

from collections.abc import Awaitable, Callable

import pytest

from notification_service.sending.use_cases import (
    Desk,
    Lease,
    ask_register,
    claim_due,
    hand_over,
    keep_addresses,
    record,
    send_due,
)
from notification_testing.facts import Pupil, announced, hear_of_contacts, receive, recover
from notification_testing.stand_ins import Sandbox, StandInRegister, a_contact

from .families import EXHAUSTED, FAILED, FATHER, SENT, told


async def test_a_better_number_of_the_same_day_is_tried(
    desk: Desk, absent: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    landline = a_contact(mobile="01632 960001")
    register.families[absent.enrolment_id].contacts = [landline]
    await send_due(desk)
    assert await announced(desk) == [EXHAUSTED]

    register.families[absent.enrolment_id].contacts = [landline | {"mobile": "07700 900304"}]
    await hear_of_contacts(desk, absent)
    await send_due(desk)

    assert told(sandbox) == ["447700900304"]
    assert await announced(desk) == [EXHAUSTED, SENT]


async def test_that_nobody_is_left_is_said_once_however_often_contacts_change(
    desk: Desk, family: Pupil, sandbox: Sandbox
) -> None:
    sandbox.fail("refused", count=3)
    while await send_due(desk):
        pass
    for _ in range(2):
        await hear_of_contacts(desk, family)
        await send_due(desk)

    assert told(sandbox) == []
    assert (await announced(desk)).count(EXHAUSTED) == 1


async def test_a_better_number_that_fails_leaves_nobody_again(
    desk: Desk, absent: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    register.families[absent.enrolment_id].contacts = []
    await send_due(desk)
    register.families[absent.enrolment_id].contacts = [FATHER]
    await hear_of_contacts(desk, absent)
    await send_due(desk)
    await receive(desk, "permanent-failure")
    await send_due(desk)

    assert told(sandbox) == ["447700900302"]
    assert await announced(desk) == [EXHAUSTED, SENT, FAILED, EXHAUSTED]


async def test_a_better_number_heard_of_while_a_sender_has_its_answer_is_asked_for_again(
    desk: Desk, absent: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    register.families[absent.enrolment_id].contacts = []
    _, nobody = await ask_register(desk, await claim_due(desk))
    register.families[absent.enrolment_id].contacts = [FATHER]
    await hear_of_contacts(desk, absent)

    await record(desk, nobody)
    await send_due(desk)

    assert told(sandbox) == ["447700900302"]
    assert await announced(desk) == [SENT]


async def die_after_claiming(desk: Desk) -> None:
    await claim_due(desk)


async def die_before_the_hand_over(desk: Desk) -> None:
    addressed, _ = await ask_register(desk, await claim_due(desk))
    await keep_addresses(desk, addressed)


async def die_after_the_hand_over(desk: Desk) -> None:
    addressed, _ = await ask_register(desk, await claim_due(desk))
    handovers, _ = await keep_addresses(desk, addressed)
    await hand_over(desk, handovers, Lease.of(2))


@pytest.mark.parametrize(
    "die", [die_after_claiming, die_before_the_hand_over, die_after_the_hand_over]
)
@pytest.mark.parametrize("failed_before", [0, 1])
async def test_a_sender_that_dies_at_any_turn_leaves_nobody_told_twice(
    desk: Desk,
    family: Pupil,
    sandbox: Sandbox,
    *,
    die: Callable[[Desk], Awaitable[None]],
    failed_before: int,
) -> None:
    for _ in range(failed_before):
        await send_due(desk)
        await receive(desk, "permanent-failure")
    await die(desk)
    for _ in range(3):
        await recover(desk)
    await receive(desk, "permanent-failure")
    for _ in range(3):
        await recover(desk)

    order = ["447700900301", "mother@example.org", "447700900302"]
    assert told(sandbox) == order[: failed_before + 2]


async def test_a_refusal_whose_record_is_lost_is_asked_for_again(
    desk: Desk, family: Pupil, sandbox: Sandbox
) -> None:
    """The provider knows nothing of the reference: the same address is tried, then the next."""
    sandbox.fail("refused", count=2)
    await die_after_the_hand_over(desk)
    for _ in range(4):
        await recover(desk)

    assert told(sandbox) == ["mother@example.org"]
