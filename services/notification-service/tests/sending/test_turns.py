"""Who cannot be reached passes the turn on: another address, another person, until one is told."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from notification_service.sending.use_cases import Desk, send_due
from notification_testing.facts import Pupil, announced, at, hear, receive, states
from notification_testing.stand_ins import Sandbox, StandInRegister, a_contact

from .families import EXHAUSTED, FAILED, FATHER, MOTHER, SENT, told


@pytest.mark.parametrize(
    ("contacts", "to"),
    [
        ([a_contact(mobile="01632 960001"), FATHER], "447700900302"),
        ([a_contact(mobile="0909 8790000"), FATHER], "447700900302"),
        ([a_contact(mobile="+33 6 12 34 56 78"), FATHER], "447700900302"),
        ([a_contact(mobile="07700 90030"), FATHER], "447700900302"),
        ([a_contact(mobile="01632 960002", email="bea@example.org"), FATHER], "bea@example.org"),
        ([a_contact(mobile="Mum 07700\N{NO-BREAK SPACE}900303"), FATHER], "447700900303"),
    ],
)
async def test_who_cannot_be_texted_passes_the_turn_on_before_anything_is_sent(
    desk: Desk,
    absent: Pupil,
    register: StandInRegister,
    sandbox: Sandbox,
    *,
    contacts: list[dict[str, object]],
    to: str,
) -> None:
    register.families[absent.enrolment_id].contacts = contacts

    await send_due(desk)

    assert told(sandbox) == [to]
    assert await announced(desk) == [SENT]


@pytest.mark.parametrize(
    ("refused", "to", "news"),
    [
        (1, ["mother@example.org"], [FAILED, SENT]),
        (2, ["447700900302"], [FAILED, FAILED, SENT]),
        (3, [], [FAILED, FAILED, FAILED, EXHAUSTED]),
    ],
)
async def test_a_refused_message_passes_the_turn_on_at_once(
    desk: Desk,
    family: Pupil,
    sandbox: Sandbox,
    *,
    refused: int,
    to: list[str],
    news: list[str],
) -> None:
    sandbox.fail("refused", count=refused)

    while await send_due(desk):
        pass

    assert told(sandbox) == to
    assert await announced(desk) == news


@pytest.mark.parametrize("status", ["permanent-failure", "temporary-failure", "technical-failure"])
async def test_a_message_that_does_not_arrive_passes_the_turn_on(
    desk: Desk, family: Pupil, sandbox: Sandbox, status: str
) -> None:
    for _ in range(4):
        await send_due(desk)
        await receive(desk, status)

    assert told(sandbox) == ["447700900301", "mother@example.org", "447700900302"]
    assert await states(desk, family) == ["first failed"] * 4
    assert await announced(desk) == [SENT, FAILED] * 3 + [EXHAUSTED]


async def test_nobody_else_is_told_once_somebody_has_been(
    desk: Desk, family: Pupil, sandbox: Sandbox
) -> None:
    await send_due(desk)
    await receive(desk, "permanent-failure")
    await send_due(desk)
    await receive(desk, "delivered")

    assert await send_due(desk) == 0
    assert told(sandbox) == ["447700900301", "mother@example.org"]
    assert await states(desk, family) == ["first failed", "first delivered"]


async def test_a_number_that_two_contacts_share_is_tried_once(
    desk: Desk, family: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    shared = a_contact(mobile="+44 7700 900301", priority=2)
    aunt = a_contact(mobile="07700 900303", priority=3)
    register.families[family.enrolment_id].contacts = [
        a_contact(mobile="07700.900301"),
        shared,
        aunt,
    ]
    await send_due(desk)
    await receive(desk, "permanent-failure")
    await send_due(desk)

    assert told(sandbox) == ["447700900301", "447700900303"]


async def test_brothers_and_sisters_pass_the_turn_on_together(
    desk: Desk, family: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    alex = Pupil(family.school_id)
    register.knows(alex, child_name="Alex", contacts=[MOTHER, FATHER])
    await hear(desk, alex.absent())
    sandbox.fail("refused", count=2)

    while await send_due(desk):
        pass

    assert told(sandbox) == ["447700900302"]
    assert "Alex and Robin" in sandbox.texts()[0]


async def test_a_correction_follows_by_the_way_by_which_the_family_was_told(
    desk: Desk, family: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    sandbox.fail("refused", count=1)
    await send_due(desk)
    await send_due(desk)

    register.families[family.enrolment_id].is_open = False
    await hear(desk, family.withdrawn(at("08:20")))
    await send_due(desk)

    assert told(sandbox) == ["mother@example.org"] * 2


async def test_a_child_found_between_two_turns_is_nobodys_news(
    desk: Desk, family: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    sandbox.fail("refused", count=1)
    await send_due(desk)
    register.families[family.enrolment_id].is_open = False
    await hear(desk, family.withdrawn(at("08:20")))

    assert await send_due(desk) == 0
    assert told(sandbox) == []


async def test_a_failure_that_is_heard_of_a_day_late_is_the_schools_and_nobody_elses(
    desk: Desk, clock: FixedClock, family: Pupil, sandbox: Sandbox
) -> None:
    await send_due(desk)
    clock.set(at("08:20", at("08:20").date().replace(day=10)))
    await receive(desk, "temporary-failure")

    assert await send_due(desk) == 0
    assert told(sandbox) == ["447700900301"]
    assert await announced(desk) == [SENT, FAILED, EXHAUSTED]


async def test_no_address_is_kept(desk: Desk, family: Pupil, sandbox: Sandbox) -> None:
    sandbox.fail("refused", count=1)
    await send_due(desk)
    await send_due(desk)

    async with desk.database.transaction() as db:
        rows: Sequence[str] = (
            await db.scalars(text("SELECT CAST(to_jsonb(messages) AS text) FROM messages"))
        ).all()
        marks = (await db.scalars(text("SELECT fingerprint FROM messages"))).all()
    assert not any(value in row for row in rows for value in ("900301", "mother@"))
    assert len(set(marks)) == 2
