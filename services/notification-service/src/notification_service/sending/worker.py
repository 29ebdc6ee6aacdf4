"""The sender: runs in every worker, beside relay and consumer."""

import asyncio
from functools import partial

from attendance_runtime.repeating import repeat
from attendance_runtime.runtime import Runtime
from notification_service.sending.desk import Desk
from notification_service.sending.notify import Notify
from notification_service.sending.reconciling import reconcile
from notification_service.sending.register import register_of
from notification_service.sending.use_cases import send_due
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
        async with asyncio.TaskGroup() as group:
            for _ in range(settings.senders):
                group.create_task(
                    repeat(partial(_unless_slowed, desk), stopping, idle=settings.idle_seconds)
                )
            group.create_task(
                repeat(partial(reconcile, desk), stopping, idle=_RECONCILE_IDLE_SECONDS)
            )


async def _unless_slowed(desk: Desk) -> int:
    return 0 if desk.notify.slow_seconds else await send_due(desk)


def _notify(settings: NotificationSettings) -> Notify:
    return Notify(
        settings.notify_url,
        settings.notify_api_key.get_secret_value(),
        timeout_seconds=settings.notify_timeout_seconds,
        connections=settings.notify_connections,
    )
