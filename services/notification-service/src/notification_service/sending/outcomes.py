"""Recording what became of messages, with all that follows from it, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attendance_runtime.database import SqlSession
from notification_service.contacts import repository as contacts
from notification_service.contacts.facts import Episode
from notification_service.contacts.news import Reached
from notification_service.contacts.use_cases import settle, tell
from notification_service.schools import repository as schools
from notification_service.sending import fates, measures, repository
from notification_service.sending.desk import Desk
from notification_service.sending.fates import Change, NotOpen, Outcome


async def record(desk: Desk, outcomes: Sequence[Outcome]) -> None:
    """Record a batch's outcomes in one transaction."""
    async with desk.database.transaction() as db:
        await record_outcomes(db, outcomes, now=desk.clock.now())


async def record_outcomes(db: SqlSession, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Keep what became of messages, decide what follows for their families, announce."""
    claimed = {outcome.claimed.id: outcome.claimed for outcome in outcomes}
    hours = await schools.hold_hours(db, {one.school_id for one in claimed.values()})
    episodes = {
        episode.id: episode
        for episode in await contacts.lock_episodes(
            db, {one.episode_id for one in claimed.values()}
        )
    }
    held = {one.id: one for one in await repository.lock_messages(db, claimed)}
    counted = [
        fates.as_of_now(outcome, version=episodes[outcome.claimed.episode_id].version)
        for outcome in outcomes
    ]
    changes = [
        change for outcome in counted if (change := fates.change(held[outcome.claimed.id], outcome))
    ]
    if changes:
        await repository.save_changes(db, changes, now=now)
    waiting = {
        outcome.claimed.episode_id
        for outcome in outcomes
        if isinstance(outcome.fate, NotOpen)
        and episodes[outcome.claimed.episode_id].version == outcome.claimed.version
    }
    # The register is ahead of what we have heard: its next event decides, not what we believed.
    await settle(
        db,
        [episode for episode in episodes.values() if episode.id not in waiting],
        hours,
        now=now,
    )
    await tell(db, _reached(changes, episodes, now), now=now)
    measures.count_changes(changes)


def _reached(
    changes: Sequence[Change], episodes: Mapping[UUID, Episode], now: datetime
) -> list[Reached]:
    return [
        Reached(
            state=one.state,
            message_id=held.id,
            kind=held.kind,
            channel=held.channel,
            episode=episodes[held.episode_id],
            at=now,
            reason=one.reason,
        )
        for one in changes
        for held in (one.held,)
    ]
