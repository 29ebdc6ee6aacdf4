"""Finding out what became of messages whose sender died, or was not answered.

The provider is asked by reference, after the lease and a settling time; only "not found" sends
again. One window remains: a provider that keeps a message only after its own answer has timed out
*and* the settling time has passed. Then the family gets two.
"""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from notification_service.sending import recording, repository
from notification_service.sending.desk import Desk
from notification_service.sending.fates import (
    Accepted,
    Attempt,
    Away,
    Fate,
    TryLater,
    Unknown,
    settled,
)
from notification_service.sending.notify import NotifyAway

_NEVER_HANDED_OVER = TryLater(0)


async def reconcile(desk: Desk) -> int:
    """Account for messages that nobody accounts for; return of how many the fate is known now."""
    settings = desk.settings
    async with desk.database.one_statement() as db:
        unknown = await repository.claim_unknown(
            db,
            lease_seconds=settings.lease_seconds,
            settling_seconds=settings.settling_seconds,
        )
    if not unknown:
        return 0
    fates = await _look_up(desk, {reference for _, reference in unknown if reference})
    patience = desk.give_up_after_seconds
    found = [
        (claimed, fates[reference] if reference else _NEVER_HANDED_OVER)
        for claimed, reference in unknown
    ]
    await recording.record(
        desk,
        [
            Attempt(claimed=one, fate=settled(fate, one, give_up_after_seconds=patience))
            for one, fate in found
        ],
    )
    return sum(not isinstance(fate, Unknown) for _, fate in found)


async def _look_up(desk: Desk, references: set[UUID]) -> Mapping[UUID, Fate]:
    async def look_up_one(reference: UUID) -> Fate:
        try:
            async with desk.notify.room:
                found = await desk.notify.find(reference)
        except NotifyAway:
            return Unknown()
        return Accepted(reference, found) if found else Away("provider")

    ordered = sorted(references)
    fates = await asyncio.gather(*(look_up_one(reference) for reference in ordered))
    return dict(zip(ordered, fates, strict=True))
