"""Finding out what became of messages whose sender died, or was not answered.

The provider is asked by reference, after the lease and a settling time; only "not found" sends
again. One window remains: a provider that keeps a message only after its own answer has timed out
*and* the settling time has passed. Then the family gets two.
"""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from notification_service.messages.domain import (
    Accepted,
    Attempt,
    Away,
    Fate,
    TryLater,
    Unknown,
    settled,
)
from notification_service.providers.provider import ProviderAway
from notification_service.recipients.domain import Channel
from notification_service.sending import repository
from notification_service.sending.repository import Unaccounted
from notification_service.sending.use_cases.desk import Desk
from notification_service.sending.use_cases.recording import record

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
    fates = await _look_up(desk, unknown)
    patience = desk.give_up_after_seconds
    found = [
        (one.claimed, fates[one.reference] if one.reference else _NEVER_HANDED_OVER)
        for one in unknown
    ]
    await record(
        desk,
        [
            Attempt(claimed=one, fate=settled(fate, one, give_up_after_seconds=patience))
            for one, fate in found
        ],
    )
    return sum(not isinstance(fate, Unknown) for _, fate in found)


async def _look_up(desk: Desk, unknown: Sequence[Unaccounted]) -> Mapping[UUID, Fate]:
    async def look_up_one(reference: UUID, channel: Channel) -> Fate:
        provider = desk.providers.of(channel)
        try:
            async with provider.room:
                known = await provider.find(reference)
        except ProviderAway:
            return Unknown()
        return Accepted(reference, known.id) if known else Away("provider")

    asked = {one.reference: one.channel for one in unknown if one.reference and one.channel}
    ordered = sorted(asked)
    fates = await asyncio.gather(*(look_up_one(one, asked[one]) for one in ordered))
    return dict(zip(ordered, fates, strict=True))
