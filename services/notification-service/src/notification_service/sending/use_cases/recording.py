"""Recording the fates of messages, with all that follows from them, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from attendance_runtime.database import SqlSession
from notification_service.messages import repository as messages
from notification_service.messages.domain import Attempt, NotOpen, as_of_now, state_after
from notification_service.purposes import OfASubject, by_subject
from notification_service.sending.use_cases import metrics
from notification_service.sending.use_cases.desk import Desk


async def record(desk: Desk, attempts: Sequence[Attempt]) -> None:
    """Record a batch's attempts, in one transaction for each subject."""
    for subject in by_subject(attempt.claimed for attempt in attempts):
        own = [attempt for attempt in attempts if attempt.claimed.kind in subject.kinds]
        async with desk.database.transaction() as db:
            await record_attempts(db, subject, own, now=desk.clock.now())


async def record_attempts(
    db: SqlSession, subject: OfASubject, attempts: Sequence[Attempt], *, now: datetime
) -> None:
    """Keep where messages stand now, and let their subject decide and say what follows."""
    locked = await subject.follows(db, subject.about)
    held = {one.id: one for one in await messages.lock(db, [one.claimed.id for one in attempts])}
    counted = [
        as_of_now(attempt, version=locked.versions[attempt.claimed.episode_id])
        for attempt in attempts
    ]
    states = [
        after for attempt in counted if (after := state_after(held[attempt.claimed.id], attempt))
    ]
    if states:
        await messages.save_states(db, states, now=now)
    # The register is ahead of what we have heard: its next event decides, not what we believed.
    waiting = {
        attempt.claimed.episode_id
        for attempt in attempts
        if isinstance(attempt.fate, NotOpen)
        and locked.versions[attempt.claimed.episode_id] == attempt.claimed.version
    }
    await locked.follow(db, [after.news for after in states], now=now, waiting=waiting)
    metrics.count_states(states)
