"""What follows for a family, and for its school, when a message about an absence is settled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from attendance_runtime.database import SqlSession
from attendance_runtime.messaging.outbox import announce
from notification_service.contacts import repository
from notification_service.contacts.domain import KINDS, Episode, NewState, exhausted_in, news_of
from notification_service.contacts.use_cases.episodes import settle
from notification_service.messages.domain import MessageNews
from notification_service.messages.use_cases import Purpose
from notification_service.schools import repository as schools
from notification_service.schools.domain import Hours


@dataclass(frozen=True, slots=True)
class LockedEpisodes:
    """Episodes and their schools' hours, as they stay until the transaction ends."""

    episodes: Mapping[UUID, Episode]
    hours: Mapping[UUID, Hours]

    @property
    def versions(self) -> Mapping[UUID, int]:
        """How often something was heard of each."""
        return {episode.id: episode.version for episode in self.episodes.values()}

    async def follow(
        self,
        db: SqlSession,
        news: Sequence[MessageNews],
        *,
        now: datetime,
        waiting: Collection[UUID] = (),
    ) -> None:
        """Decide again what families are owed, and announce what messages have come to.

        Of the episodes in `waiting` nothing is decided. That nobody is left to tell is said once a
        round.
        """
        decided = [episode for episode in self.episodes.values() if episode.id not in waiting]
        await settle(db, decided, self.hours, now=now)
        states = [NewState.of(one, self.episodes[one.episode_id], now) for one in news]
        rounds = exhausted_in(states)
        if rounds:
            await repository.note_exhausted(db, rounds)
        await announce(db, news_of(states, now=now), now=now)


async def lock(db: SqlSession, about: Mapping[UUID, UUID]) -> LockedEpisodes:
    """Lock episodes, each given with its school, after their schools' hours."""
    hours = await schools.hold_hours(db, set(about.values()))
    locked = await repository.lock_episodes(db, about)
    return LockedEpisodes({episode.id: episode for episode in locked}, hours)


PURPOSES: Final[Sequence[Purpose]] = [Purpose(rules, lock) for rules in KINDS]
