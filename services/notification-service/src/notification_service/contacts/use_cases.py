"""What absences, settings and the outcome of messages do to the episodes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.events import SchoolChanged
from attendance_runtime.database import SqlSession
from notification_service.contacts import domain, facts, repository
from notification_service.contacts.domain import Decision
from notification_service.contacts.facts import Absence, Episode
from notification_service.schools import repository as schools
from notification_service.schools.domain import Hours
from notification_service.sending import repository as messages


async def apply_absences(session: SqlSession, events: Sequence[Absence], *, now: datetime) -> None:
    """Take in what a batch says of absences: open episodes, plan and cancel their messages."""
    news = facts.fold(events)
    hours = await schools.hold_hours(session, {day.school_id for day in news.values()})
    known = await repository.lock_episodes_of(session, news.keys())
    heard = [
        known[key].after(day) if key in known else facts.opened(day, uuid7())
        for key, day in news.items()
    ]
    decisions = await _decide(session, [one for one in heard if one], hours, now=now)
    if decisions:
        await repository.save_episodes(session, [decision.episode for decision in decisions])
        await _carry_out(session, decisions)


async def replan_schools(
    session: SqlSession, events: Sequence[SchoolChanged], *, now: datetime
) -> None:
    """Plan anew what schools whose settings came or changed have not sent yet."""
    ids = {event.school_id for event in events}
    hours = await schools.hold_hours(session, ids)
    await settle(session, await repository.lock_unsent_episodes(session, ids), hours, now=now)


async def settle(
    session: SqlSession,
    episodes: Sequence[Episode],
    hours: Mapping[UUID, Hours],
    *,
    now: datetime,
) -> None:
    """Decide again about locked episodes, after something became of their messages."""
    decisions = await _decide(session, episodes, hours, now=now)
    rounds = {episode.id: episode.round for episode in episodes}
    moved = [one.episode for one in decisions if one.episode.round != rounds[one.episode.id]]
    if moved:
        await repository.save_episodes(session, moved)
    await _carry_out(session, decisions)


async def _decide(
    session: SqlSession,
    episodes: Sequence[Episode],
    hours: Mapping[UUID, Hours],
    *,
    now: datetime,
) -> list[Decision]:
    rounds = await messages.lock_rounds(session, episodes)
    return [
        domain.decide(episode, rounds.get(episode.id, ()), hours.get(episode.school_id), now=now)
        for episode in episodes
    ]


async def _carry_out(session: SqlSession, decisions: Sequence[Decision]) -> None:
    cancelled = [message_id for decision in decisions for message_id in decision.cancel]
    if cancelled:
        await messages.cancel(session, cancelled)
    planned = [
        (decision.episode, plan, plan.message_id or uuid7())
        for decision in decisions
        for plan in decision.plan
    ]
    if planned:
        await messages.plan(session, planned)
