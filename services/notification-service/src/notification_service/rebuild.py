"""What `rebuild` makes anew here: what is known of children's days, never what families were told.

Episodes and messages are this service's own record. Where it is whole, a day that it knows is put
right and a day that it missed is taken in, as if heard now. Where part of it was lost, what it once
announced is read again from its own topic: a day on which a family was told, by a message that is
not here any more, is left alone. Nobody is told twice; a correction may be owed that nobody sends,
and the number of such days is printed.
"""

import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import london_date
from attendance_contracts.events import ContactDelivered, ContactFailed, ContactSent
from attendance_contracts.topics import NOTIFICATIONS
from attendance_runtime.copies.rebuilding import Rebuild
from attendance_runtime.copies.register_reads import RegisterReads, RegisterUnreadable
from attendance_runtime.messaging import kafka
from attendance_runtime.runtime import Runtime
from notification_service.clients import register_of
from notification_service.messages import repository as messages
from notification_service.recipients.domain import EnrolmentDay
from notification_service.recipients.repository import RegisterAway
from notification_service.resync import AtSchool, renew_absences
from notification_service.settings import settings_of

_FATES: Final = (ContactSent, ContactDelivered, ContactFailed)

Announced = Callable[[Runtime], AsyncIterator[object]]
"""Gives what this service once announced, oldest first for each school."""


def announced(runtime: Runtime) -> AsyncIterator[object]:
    """Read what this service's topic still holds of its own events."""
    return kafka.reread(runtime.kafka, NOTIFICATIONS)


async def rebuild_contacts(
    runtime: Runtime,
    reads: RegisterReads,
    schools: Sequence[UUID],
    *,
    announced: Announced = announced,
) -> bool:
    """Take in what the register says of every school's known days and of today; True."""
    settings, now = settings_of(runtime), runtime.clock.now()
    told = await told_days(announced(runtime))
    async with runtime.database.transaction() as db:
        on_record = await messages.on_record(db, told.values())
    lost = {day for day, message in told.items() if message not in on_record}
    try:
        async with register_of(settings) as register:
            for school_id in schools:
                whose = AtSchool(school_id, {london_date(now)}, lost)
                async with runtime.database.transaction() as db:
                    await renew_absences(db, reads, register, whose, now=now)
    except RegisterAway as away:
        raise RegisterUnreadable("The register does not say who may be told.") from away
    sys.stdout.write(f"rebuild: {len(lost)} days left alone, whose family a lost message told\n")
    return True


async def told_days(announced: AsyncIterator[object]) -> Mapping[EnrolmentDay, UUID]:
    """Return on which enrolments' days a family was told of an absence, and by which message."""
    told: dict[EnrolmentDay, UUID] = {}
    async for event in announced:
        if not isinstance(event, _FATES) or event.kind != "first":
            continue
        for enrolment, message in zip(event.enrolments, event.messages, strict=True):
            day = (enrolment, event.date)
            if not isinstance(event, ContactFailed):
                told[day] = message
            elif told.get(day) == message:
                del told[day]
    return told


REBUILD: Final = Rebuild(settings_of, rebuild_contacts, rereads=_FATES)
