"""The sender: runs in every worker, beside relay and consumer."""

import asyncio
from functools import partial

from attendance_runtime.repeating import repeat
from attendance_runtime.runtime import Runtime
from notification_service.sending.desk import Desk, Lease
from notification_service.sending.notify import Notify
from notification_service.sending.reconciling import reconcile
from notification_service.sending.register import register_of
from notification_service.sending.use_cases import claim_due, send_claimed
from notification_service.settings import NotificationSettings, settings_of

_RECONCILE_IDLE_SECONDS = 0.5


async def send_due_forever(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Send what is due and reconcile what is unknown until told to stop.

    The batch in hand is finished first.
    """
    settings = settings_of(runtime)
    async with register_of(settings) as register, _notify(settings) as notify:
        desk = Desk(
            settings=settings,
            clock=runtime.clock,
            database=runtime.database,
            register=register,
            notify=notify,
        )
        turn = asyncio.Lock()
        async with asyncio.TaskGroup() as group:
            for _ in range(settings.senders):
                group.create_task(repeat(partial(_send_in_turn, desk, turn), stopping, idle=0))
            group.create_task(
                repeat(partial(reconcile, desk), stopping, idle=_RECONCILE_IDLE_SECONDS)
            )


async def _send_in_turn(desk: Desk, turn: asyncio.Lock) -> int:
    """Wait for a batch and send it; one sender waits at a time, the others are busy sending.

    Messages gather between two looks: a batch costs four transactions, whatever its size.
    """
    async with turn:
        await asyncio.sleep(desk.settings.idle_seconds)
        lease = Lease.of(desk.settings.lease_seconds)
        claimed = [] if desk.notify.slow_seconds else await claim_due(desk)
    await send_claimed(desk, claimed, lease)
    return len(claimed)


def _notify(settings: NotificationSettings) -> Notify:
    return Notify(
        settings.notify_url,
        settings.notify_api_key.get_secret_value(),
        timeout_seconds=settings.notify_timeout_seconds,
        connections=settings.notify_connections,
    )
