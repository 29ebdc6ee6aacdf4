"""Marks, corrections, settings, senders, faults and receipts at the same time, on real parts.

The property of the small world in `test_interleavings.py`, held against the real statements: their
locks, their fences, and that none of them waits in a circle.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import text

from attendance_contracts.events import SchoolChanged
from attendance_runtime.clock import FixedClock
from attendance_testing.facts import a_school
from notification_service.contacts.domain import Absence
from notification_service.receipts.use_cases import apply_waiting
from notification_service.sending.use_cases import Desk, reconcile, send_due
from notification_testing.facts import Pupil, at, hear, hear_of, let_waits_end
from notification_testing.stand_ins import Family, Sandbox, StandInRegister, a_contact

PUPILS = 24
ROUNDS = 25
SEED = 20260907


@dataclass
class Morning:
    """A morning that cannot make up its mind."""

    desk: Desk
    schools: Sequence[SchoolChanged]
    families: dict[Pupil, Family]
    chance: Random
    under_way: list[Absence] = field(default_factory=list)
    is_over: bool = False

    def change_a_mark(self) -> None:
        """Change what the register says; the event is on its way."""
        pupil = self.chance.choice(list(self.families))
        family = self.families[pupil]
        family.is_open = not family.is_open
        family.stands, gone = self.chance.choice(
            (("explained", pupil.explained), ("here", pupil.withdrawn))
        )
        event = pupil.absent() if family.is_open else gone()
        self.under_way.append(event)

    async def mark_and_hear(self) -> None:
        """Send marks and let the consumer hear them, in batches, a little later."""
        for _ in range(ROUNDS):
            for _ in range(self.chance.randrange(8)):
                self.change_a_mark()
            number = self.chance.randrange(len(self.under_way) + 1)
            batch, self.under_way = self.under_way[:number], self.under_way[number:]
            await hear(self.desk, *batch)
            await asyncio.sleep(self.chance.random() / 50)
        await hear(self.desk, *self.under_way)
        self.is_over = True

    async def change_settings(self) -> None:
        """Change schools' settings all the time, so that what is due is planned anew."""
        version = 1
        while not self.is_over:
            version += 1
            changed = [
                a_school(
                    school_id=school.school_id,
                    urn=school.urn,
                    contact_grace_minutes=self.chance.randrange(30),
                    version=version,
                )
                for school in self.schools
            ]
            await hear_of(self.desk, *changed)
            await asyncio.sleep(0.02)

    async def repeat(self, work: Callable[[Desk], Awaitable[object]]) -> None:
        """Do some work over and over while the morning lasts."""
        while not self.is_over:
            await work(self.desk)
            await asyncio.sleep(0.005)


async def receive(desk: Desk) -> None:
    """Let the provider say of a few messages that they were delivered, some of them again."""
    async with desk.database.transaction() as db:
        await db.execute(
            text("""
                INSERT INTO receipts (reference, notify_id, status)
                SELECT reference, coalesce(notify_id, gen_random_uuid()), 'delivered' FROM messages
                WHERE reference IS NOT NULL AND notify_id IS NOT NULL
                ORDER BY random() LIMIT 3
            """)
        )
    async with desk.database.transaction() as db:
        await apply_waiting(db, now=desk.clock.now())


async def test_everything_at_once_leaves_every_family_with_the_truth_said_once(
    desk: Desk, clock: FixedClock, register: StandInRegister, sandbox: Sandbox
) -> None:
    clock.set(at("09:30"))
    schools = [a_school(urn=str(100000 + number)) for number in range(3)]
    await hear_of(desk, *schools)
    pupils = [Pupil(schools[number % 3].school_id) for number in range(PUPILS)]
    families = {
        pupil: register.knows(
            pupil, is_open=False, contacts=[a_contact(mobile=f"07700 900{number + 300}")]
        )
        for number, pupil in enumerate(pupils)
    }
    morning = Morning(desk, schools, families, Random(SEED))  # noqa: S311 - not for secrets

    async with asyncio.TaskGroup() as group:
        group.create_task(morning.mark_and_hear())
        group.create_task(morning.change_settings())
        for work in (send_due, send_due, reconcile, receive):
            group.create_task(morning.repeat(work))
        for mode in ("accept-then-close", "server-error", "down"):
            await asyncio.sleep(0.1)
            sandbox.fail(mode, count=3)
    sandbox.recover()
    for _ in range(6):
        await let_waits_end(desk)
        await send_due(desk)
        await reconcile(desk)

    said = [what_was_said(sandbox, number) for number in range(PUPILS)]
    assert sum(map(len, said)) > PUPILS  # or the morning was too quiet to prove anything
    for pupil, words in zip(pupils, said, strict=True):
        if families[pupil].is_open:
            assert words[-1] == "first-contact"
        elif families[pupil].stands == "here":
            assert words[-1:] != ["first-contact"]
    assert all(words == in_turn(len(words)) for words in said)


def what_was_said(sandbox: Sandbox, number: int) -> list[str]:
    return [
        str(message["template"])
        for message in reversed(sandbox.messages())
        if message["recipient"] == f"447700900{number + 300}"
    ]


def in_turn(number: int) -> list[str]:
    return [("first-contact", "correction")[place % 2] for place in range(number)]
