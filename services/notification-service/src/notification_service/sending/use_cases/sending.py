"""Sending what is due, step by step; no transaction is open while anybody is asked or told.

Between any two steps the process may die. What is on record by then decides what happens next:
claimed without a reference was never handed over; with a reference the provider can be asked.
"""

import asyncio
from collections.abc import Sequence

import structlog
from uuid_utils.compat import uuid7

from notification_service.messages.domain import (
    Accepted,
    Addressed,
    Attempt,
    Away,
    Claimed,
    Fate,
    Handover,
    TryLater,
    Unknown,
    settled,
)
from notification_service.purposes import rules_of
from notification_service.recipients.repository import CHECKS_A_REQUEST, RegisterAway
from notification_service.sending import domain, repository
from notification_service.sending.use_cases import metrics
from notification_service.sending.use_cases.desk import Desk, Lease
from notification_service.sending.use_cases.recording import record

_log = structlog.get_logger()


async def send_due(desk: Desk) -> int:
    """Claim what is due and send it; return how many were claimed."""
    lease = Lease.of(desk.settings.lease_seconds)
    claimed = await claim_due(desk)
    await send_claimed(desk, claimed, lease)
    return len(claimed)


async def send_claimed(desk: Desk, claimed: Sequence[Claimed], lease: Lease) -> None:
    """Ask who may be told, hand over, record."""
    if claimed:
        addressed, unaddressed = await ask_register(desk, claimed)
        handovers, lost = await keep_addresses(desk, addressed)
        told = await hand_over(desk, handovers, lease)
        await record(desk, [*unaddressed, *lost, *told])


async def claim_due(desk: Desk) -> list[Claimed]:
    """Take in hand what is due in domain time, for one lease of real time."""
    async with desk.database.one_statement() as db:
        return await repository.claim_due(
            db, now=desk.clock.now(), lease_seconds=desk.settings.lease_seconds
        )


async def ask_register(
    desk: Desk, claimed: Sequence[Claimed]
) -> tuple[list[Addressed], list[Attempt]]:
    """Ask the register who may be told now; what has nobody to go to has its fate already."""
    addressed: list[Addressed] = []
    unaddressed: list[Attempt] = []
    for start in range(0, len(claimed), CHECKS_A_REQUEST):
        part = claimed[start : start + CHECKS_A_REQUEST]
        for one, found in zip(part, await _answered(desk, part), strict=True):
            if isinstance(found, Addressed):
                addressed.append(found)
            else:
                unaddressed.append(_attempt(desk, one, found))
    return addressed, unaddressed


async def _answered(desk: Desk, claimed: Sequence[Claimed]) -> list[Addressed | Fate]:
    key, now = desk.settings.fingerprint_key, desk.clock.now()
    questions = [domain.question(rules_of(one), one) for one in claimed]
    try:
        answers = await desk.register.eligible(questions)
    except RegisterAway as away:
        _log.warning("register.away", error=type(away.__cause__).__name__)
        answers = {}
    return [
        domain.answered(rules_of(one), one, answer, key, now=now)
        if (answer := answers.get(asked))
        else Away("register")
        for one, asked in zip(claimed, questions, strict=True)
    ]


async def keep_addresses(
    desk: Desk, addressed: Sequence[Addressed]
) -> tuple[list[Handover], list[Attempt]]:
    """Put each attempt's reference on record before anything is handed over.

    A handover of which another sender has taken a part over is not made by this one.
    """
    handovers = [_handover(desk, group) for group in domain.merge(addressed)]
    if not handovers:
        return [], []
    async with desk.database.one_statement() as db:
        held = await repository.keep_addresses(db, handovers)
    whole: list[Handover] = []
    lost: list[Attempt] = []
    for one in handovers:
        if all(part.claimed.id in held for part in one.messages):
            whole.append(one)
        else:
            lost += [Attempt(claimed=part.claimed, fate=TryLater(0)) for part in one.messages]
    return whole, lost


def _handover(desk: Desk, messages: Sequence[Addressed]) -> Handover:
    first, siblings = messages[0], len(messages) > 1
    rules = rules_of(first.claimed)
    return Handover(
        reference=uuid7(),
        channel=first.channel,
        address=first.address,
        template_id=desk.settings.templates.of(rules.kind, first.channel, siblings=siblings),
        values=domain.values(rules, messages),
        messages=messages,
    )


async def hand_over(desk: Desk, handovers: Sequence[Handover], lease: Lease) -> list[Attempt]:
    """Give each message to its channel's provider, many at a time, while the lease lasts."""

    async def hand_over_one(handover: Handover) -> list[Attempt]:
        async with desk.providers.of(handover.channel).room:
            fate = await _hand_over(desk, handover, lease)
        return [_attempt(desk, part.claimed, fate) for part in handover.messages]

    parts = await asyncio.gather(*(hand_over_one(handover) for handover in handovers))
    return [attempt for part in parts for attempt in part]


async def _hand_over(desk: Desk, handover: Handover, lease: Lease) -> Fate:
    provider = desk.providers.of(handover.channel)
    if not lease.lasts(provider.timeout_seconds):
        return TryLater(0)
    try:
        fate = await provider.send(handover)
    except Exception as error:  # noqa: BLE001 - one message's fault must not hold up the others
        _log.error("handover.bug", reference=str(handover.reference), error=type(error).__name__)
        return Unknown()
    if isinstance(fate, Accepted):
        for part in handover.messages:
            metrics.observe_handover(desk.clock, part.claimed)
    return fate


def _attempt(desk: Desk, claimed: Claimed, fate: Fate) -> Attempt:
    patience = desk.give_up_after_seconds
    return Attempt(claimed=claimed, fate=settled(fate, claimed, give_up_after_seconds=patience))
