"""What absences, settings and new ways to reach a family do to the episodes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.calendar import london_date
from attendance_contracts.events import ContactsChanged, SchoolChanged
from attendance_runtime.database import SqlSession
from notification_service.contacts import domain, repository
from notification_service.contacts.domain import Absence, Decision, Episode, Message
from notification_service.messages import repository as messages
from notification_service.messages.domain import Planned
from notification_service.schools import repository as schools
from notification_service.schools.domain import Hours


async def apply_absences(db: SqlSession, events: Sequence[Absence], *, now: datetime) -> None:
    """Take in what a batch says of absences: open episodes, plan and cancel their messages."""
    news = domain.fold(events)
    hours = await schools.hold_hours(db, {day.school_id for day in news.values()})
    known = await repository.lock_episodes_of(db, news.keys())
    heard = [
        known[key].after(day) if key in known else domain.opened(day, uuid7())
        for key, day in news.items()
    ]
    decisions = await _decide(db, [one for one in heard if one], hours, now=now)
    if decisions:
        await repository.save_episodes(db, [decision.episode for decision in decisions])
        await _carry_out(db, decisions)


async def replan_schools(db: SqlSession, events: Sequence[SchoolChanged], *, now: datetime) -> None:
    """Plan anew what schools whose settings came or changed have not sent yet."""
    ids = {event.school_id for event in events}
    hours = await schools.hold_hours(db, ids)
    await settle(db, await repository.lock_unsent_episodes(db, ids), hours, now=now)


async def look_again(db: SqlSession, events: Sequence[ContactsChanged], *, now: datetime) -> None:
    """Go on looking for somebody to tell of the day's absences, where there is a new way.

    Each episode has heard something by it: a sender that asked the register before asks again.
    """
    days = {
        (enrolment, london_date(event.recorded_at))
        for event in events
        for enrolment in event.enrolments
    }
    await schools.hold_hours(db, {event.school_id for event in events})
    episodes = [*(await repository.lock_episodes_of(db, days)).values()]
    if episodes:
        await repository.save_episodes(db, episodes)
        rounds = await _lock_rounds(db, episodes)
        decisions = [domain.look_again(one, rounds.get(one.id, ()), now=now) for one in episodes]
        await _carry_out(db, decisions)


async def settle(
    db: SqlSession,
    episodes: Sequence[Episode],
    hours: Mapping[UUID, Hours],
    *,
    now: datetime,
) -> None:
    """Decide again about locked episodes, after something became of their messages."""
    decisions = await _decide(db, episodes, hours, now=now)
    rounds = {episode.id: episode.round for episode in episodes}
    moved = [one.episode for one in decisions if one.episode.round != rounds[one.episode.id]]
    if moved:
        await repository.save_episodes(db, moved)
    await _carry_out(db, decisions)


async def _decide(
    db: SqlSession,
    episodes: Sequence[Episode],
    hours: Mapping[UUID, Hours],
    *,
    now: datetime,
) -> list[Decision]:
    rounds = await _lock_rounds(db, episodes)
    return [
        domain.decide(episode, rounds.get(episode.id, ()), hours.get(episode.school_id), now=now)
        for episode in episodes
    ]


async def _lock_rounds(
    db: SqlSession, episodes: Sequence[Episode]
) -> Mapping[UUID, Sequence[Message]]:
    days = {episode.id: episode.date for episode in episodes}
    found: dict[UUID, list[Message]] = {}
    for kept in await messages.lock_rounds(db, {one.id: one.round for one in episodes}):
        message = Message.of(kept, day=days[kept.episode_id])
        found.setdefault(kept.episode_id, []).append(message)
    return found


async def _carry_out(db: SqlSession, decisions: Sequence[Decision]) -> None:
    cancelled = [message_id for decision in decisions for message_id in decision.cancel]
    if cancelled:
        await messages.cancel(db, cancelled)
    planned = [
        Planned(
            id=plan.message_id or uuid7(),
            episode_id=decision.episode.id,
            school_id=decision.episode.school_id,
            round=decision.episode.round,
            kind=plan.kind.value,
            contact_id=plan.contact_id,
            due_at=plan.due_at,
        )
        for decision in decisions
        for plan in decision.plan
    ]
    if planned:  # the commit wakes the sender, which looks for what is due
        await messages.plan(db, planned)
