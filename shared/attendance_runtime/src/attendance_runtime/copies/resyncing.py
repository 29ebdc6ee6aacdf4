"""Settling dead letters about copies: what a letter is about is read from the register and applied.

The old message is never looked at. By the time somebody settles its letter it may be out of date,
and applying it would undo what was told since.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from attendance_contracts.topics import CARE, ROLL, SCHOOLS
from attendance_runtime.clock import Clock
from attendance_runtime.copies.register_reads import RegisterReads
from attendance_runtime.database import SqlSession
from attendance_runtime.messaging.consumer import Route
from attendance_runtime.messaging.dead_letters import Letter

Settle = Callable[[SqlSession, Letter, UUID], Awaitable[None]]
"""Applies the present state of what a letter is about: a school, child or enrolment by its id."""


class NobodyToAsk(Exception):
    """No service is known to give out the present state of what a letter is about."""


@dataclass(frozen=True, slots=True)
class ByTopic:
    """A service's way to settle letters: a way of its own for each topic; a `Resync`."""

    ways: Mapping[str, Settle]

    async def __call__(self, db: SqlSession, letter: Letter) -> None:
        """Settle a letter by its topic's way.

        A record whose key is no id was not sent by any of our services: nothing rests on it.
        """
        settle = self.ways.get(letter.lane.topic)
        if settle is None:
            raise NobodyToAsk(letter.lane.topic)
        about = id_in(letter.key)
        if about is not None:
            await settle(db, letter, about)


def copies(reads: RegisterReads, routes: Sequence[Route], clock: Clock) -> dict[str, Settle]:
    """Return how letters about schools, calendars, roll and care are settled in any service."""

    async def of_school(school_id: UUID) -> list[object]:
        return [*await reads.schools(school_id), *await reads.calendars(school_id)]

    async def of_enrolment(enrolment_id: UUID) -> list[object]:
        return [*await reads.enrolments(enrolment_id=enrolment_id)]

    async def of_child(child_id: UUID) -> list[object]:
        return [*await reads.care(child_id)]

    def way(read: Callable[[UUID], Awaitable[list[object]]]) -> Settle:
        async def settle(db: SqlSession, _: Letter, about: UUID) -> None:
            await renew(db, routes, lambda: read(about), clock)

        return settle

    return {SCHOOLS.name: way(of_school), ROLL.name: way(of_enrolment), CARE.name: way(of_child)}


async def renew(
    db: SqlSession,
    routes: Sequence[Route],
    read: Callable[[], Awaitable[list[object]]],
    clock: Clock,
) -> None:
    """Apply what is read, beside a worker that follows the events.

    What the worker applies between our reading and our writing is newer than what was read. So it
    is read again after it is written, until both are the same.
    """
    told = None
    while told != (stands := await read()):
        await apply(db, routes, stands, now=clock.now())
        told = stands


async def apply(
    db: SqlSession, routes: Sequence[Route], events: Sequence[object], *, now: datetime
) -> None:
    """Apply events as one batch: route by route, in the table's order."""
    for route in routes:
        given = [event for event in events if isinstance(event, route.events)]
        if given:
            await route.use_case(db, given, now=now)


_ID_LENGTH: Final = 36


def id_in(key: str) -> UUID | None:
    """Return the id that a record key begins with: the whole of it, or `<id>/calendar/<year>`."""
    head, _, _ = key.partition("/")
    try:
        return UUID(head) if len(head) == _ID_LENGTH else None
    except ValueError:
        return None
