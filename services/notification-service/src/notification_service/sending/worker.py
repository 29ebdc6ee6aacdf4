"""The sender: runs in every worker, beside relay and consumer."""

import asyncio
from contextlib import suppress
from functools import partial

from attendance_runtime.repeating import repeat
from attendance_runtime.runtime import Runtime
from notification_service.clients import open_providers, register_of
from notification_service.messages.domain import Claimed
from notification_service.sending.repository import SCHOOLS_A_CLAIM
from notification_service.sending.use_cases import (
    Desk,
    Lease,
    claim_due,
    reconcile,
    send_claimed,
)
from notification_service.settings import settings_of

_RECONCILE_IDLE_SECONDS = 0.5


class Turn:
    """The looking for what is due, which the senders of a process take in turns.

    What our own consumer has just planned wakes it. What comes due by the clock, is tried again, or
    was planned by another process is found when it looks by itself.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._one_at_a_time = asyncio.Lock()
        self._woken = asyncio.Event()
        self._pause_seconds = 0.0

    def wake(self) -> None:
        """Look at once, or as soon as enough has gathered."""
        self._woken.set()

    async def claim(self) -> tuple[list[Claimed], Lease]:
        """Wait for one's turn and for work; return what is due, perhaps nothing, and its lease."""
        desk, settings = self._desk, self._desk.settings
        async with self._one_at_a_time:
            await asyncio.sleep(self._pause_seconds)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), settings.idle_seconds)
            self._woken.clear()  # before the look: what is planned during it wakes the next
            lease = Lease.of(settings.lease_seconds)
            claimed = [] if desk.providers.slow_seconds else await claim_due(desk)
            self._pause_seconds = settings.gather_after(len(claimed))
            if len(claimed) >= SCHOOLS_A_CLAIM:
                self._woken.set()  # a claim takes so many schools; others may wait
            return claimed, lease


async def send_due_forever(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Send what is due and reconcile what is unknown until told to stop.

    The batch in hand is finished first.
    """
    settings = settings_of(runtime)
    async with register_of(settings) as register, open_providers(settings) as providers:
        desk = Desk(
            settings=settings,
            clock=runtime.clock,
            database=runtime.database,
            register=register,
            providers=providers,
        )
        turn = Turn(desk)
        runtime.commits.then(turn.wake)
        async with asyncio.TaskGroup() as group:
            for _ in range(settings.senders):
                group.create_task(repeat(partial(_send_in_turn, desk, turn), stopping, idle=0))
            group.create_task(
                repeat(partial(reconcile, desk), stopping, idle=_RECONCILE_IDLE_SECONDS)
            )


async def _send_in_turn(desk: Desk, turn: Turn) -> int:
    """Wait for a batch and send it; one sender waits at a time, the others are busy sending."""
    claimed, lease = await turn.claim()
    await send_claimed(desk, claimed, lease)
    return len(claimed)
