"""Recording what became of messages, with all that follows from it, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attendance_runtime.database import SqlSession
from notification_service.contacts import repository as contacts
from notification_service.contacts.facts import Episode
from notification_service.contacts.news import NewState
from notification_service.contacts.use_cases import settle, tell
from notification_service.schools import repository as schools
from notification_service.sending import fates, measures, repository
from notification_service.sending.desk import Desk
from notification_service.sending.fates import Attempt, NotOpen, StateAfter


async def record(desk: Desk, attempts: Sequence[Attempt]) -> None:
    """Record a batch's attempts in one transaction."""
    async with desk.database.transaction() as db:
        await record_attempts(db, attempts, now=desk.clock.now())


async def record_attempts(db: SqlSession, attempts: Sequence[Attempt], *, now: datetime) -> None:
    """Keep what became of messages, decide what follows for their families, announce."""
    claimed = {attempt.claimed.id: attempt.claimed for attempt in attempts}
    hours = await schools.hold_hours(db, {one.school_id for one in claimed.values()})
    episodes = {
        episode.id: episode
        for episode in await contacts.lock_episodes(
            db, {one.episode_id for one in claimed.values()}
        )
    }
    held = {one.id: one for one in await repository.lock_messages(db, claimed)}
    counted = [
        fates.as_of_now(attempt, version=episodes[attempt.claimed.episode_id].version)
        for attempt in attempts
    ]
    states = [
        after
        for attempt in counted
        if (after := fates.state_after(held[attempt.claimed.id], attempt))
    ]
    if states:
        await repository.save_states(db, states, now=now)
    waiting = {
        attempt.claimed.episode_id
        for attempt in attempts
        if isinstance(attempt.fate, NotOpen)
        and episodes[attempt.claimed.episode_id].version == attempt.claimed.version
    }
    # The register is ahead of what we have heard: its next event decides, not what we believed.
    await settle(
        db,
        [episode for episode in episodes.values() if episode.id not in waiting],
        hours,
        now=now,
    )
    await tell(db, _new_states(states, episodes, now), now=now)
    measures.count_states(states)


def _new_states(
    states: Sequence[StateAfter], episodes: Mapping[UUID, Episode], now: datetime
) -> list[NewState]:
    return [
        NewState(
            state=one.state,
            message_id=held.id,
            kind=held.kind,
            channel=held.channel,
            episode=episodes[held.episode_id],
            at=now,
            reason=one.reason,
        )
        for one in states
        for held in (one.held,)
    ]
