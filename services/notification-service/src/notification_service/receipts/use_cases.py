"""Applying delivery receipts: kept as they come, joined to their messages afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from prometheus_client import Counter

from attendance_runtime.database import SqlSession
from notification_service.purposes import by_subject
from notification_service.receipts import domain, repository
from notification_service.receipts.domain import NewReceipt, Receipt

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
    """Apply the receipts that wait, let what follows follow; return how many there were."""
    receipts = await repository.take_waiting(db)
    if not receipts:
        return 0
    by_reference: dict[UUID, list[Receipt]] = {}
    for receipt in receipts:
        by_reference.setdefault(receipt.reference, []).append(receipt)
    spoken_of = await repository.spoken_of(db, by_reference)
    subjects = [
        (subject.kinds, await subject.follows(db, subject.about))
        for subject in by_subject(spoken_of)
    ]
    messages = await repository.lock_messages(db, by_reference)
    made = [
        passed
        for message in messages
        if (passed := domain.states_passed(message, by_reference[message.reference]))
    ]
    if made:
        await repository.save_passed(db, made, now=now)
        for kinds, locked in subjects:
            news = [news for one in made if one.message.kind in kinds for news in one.news]
            await locked.follow(db, news, now=now)
    await repository.mark_applied(db, receipts)
    _count(by_reference, {message.reference for message in messages})
    return len(receipts)


def _count(by_reference: Mapping[UUID, Sequence[Receipt]], known: set[UUID]) -> None:
    for reference, receipts in by_reference.items():
        # An unknown reference is somebody else's message, or an attempt that was given up as lost.
        _APPLIED.labels("known" if reference in known else "unknown").inc(len(receipts))
