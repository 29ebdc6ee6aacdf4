"""Applying delivery receipts: kept as they come, joined to their messages afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from prometheus_client import Counter

from attendance_runtime.database import SqlSession
from notification_service.contacts import repository as contacts
from notification_service.contacts.facts import Episode
from notification_service.contacts.news import NewState
from notification_service.contacts.use_cases import settle, tell
from notification_service.receipts import domain, repository
from notification_service.receipts.domain import NewReceipt, Passed, Receipt
from notification_service.schools import repository as schools

_APPLIED = Counter("firstday_receipts_applied", "Receipts by what they had to say", ["said"])


async def keep_receipts(
    db: SqlSession,
    receipts: Sequence[NewReceipt],
    *,
    now: datetime,  # noqa: ARG001 - part of every coalesced use case
) -> list[None]:
    """Keep receipts that came at the same moment; they are applied later."""
    await repository.keep_receipts(db, receipts)
    return [None] * len(receipts)


async def apply_waiting(db: SqlSession, *, now: datetime) -> int:
    """Apply the receipts that wait, decide what follows, announce; return how many there were."""
    receipts = await repository.take_waiting(db)
    if not receipts:
        return 0
    by_reference: dict[UUID, list[Receipt]] = {}
    for receipt in receipts:
        by_reference.setdefault(receipt.reference, []).append(receipt)
    spoken_of = await repository.episodes_of(db, by_reference)
    hours = await schools.hold_hours(db, {school for _, school in spoken_of})
    locked = await contacts.lock_episodes(db, {episode for episode, _ in spoken_of})
    episodes = {episode.id: episode for episode in locked}
    messages = await repository.lock_messages(db, by_reference)
    made = [
        passed
        for message in messages
        if (passed := domain.states_passed(message, by_reference[message.reference]))
    ]
    if made:
        await repository.save_passed(db, made, now=now)
        await settle(db, locked, hours, now=now)
        await tell(db, [*_new_states(made, episodes, now)], now=now)
    await repository.mark_applied(db, receipts)
    _count(by_reference, {message.reference for message in messages})
    return len(receipts)


def _count(by_reference: Mapping[UUID, Sequence[Receipt]], known: set[UUID]) -> None:
    for reference, receipts in by_reference.items():
        # An unknown reference is somebody else's message, or an attempt that was given up as lost.
        _APPLIED.labels("known" if reference in known else "unknown").inc(len(receipts))


def _new_states(
    made: Sequence[Passed], episodes: Mapping[UUID, Episode], now: datetime
) -> Iterator[NewState]:
    for passed in made:
        message = passed.message
        for state in passed.states:
            episode = episodes[message.episode_id]
            yield NewState(
                state=state,
                message_id=message.id,
                kind=message.kind,
                channel=message.channel,
                episode=episode,
                at=now,
                reason=passed.reason,
            )
