"""What absences, settings and the fates of messages do to the episodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.calendar import london_date
from attendance_contracts.events import ContactsChanged, SchoolChanged
from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Conflict, NotFound, PreconditionFailed
from attendance_runtime.messaging.outbox import announce
from notification_service.contacts import domain, facts, repository
from notification_service.contacts.domain import CallOutcome, Decision
from notification_service.contacts.facts import Absence, Episode
from notification_service.contacts.news import NewState, exhausted_in, news_of
from notification_service.contacts.repository import Call, ContactedDay
from notification_service.schools import repository as schools
from notification_service.schools.domain import Hours
from notification_service.sending import repository as messages


async def apply_absences(db: SqlSession, events: Sequence[Absence], *, now: datetime) -> None:
    """Take in what a batch says of absences: open episodes, plan and cancel their messages."""
    news = facts.fold(events)
    hours = await schools.hold_hours(db, {day.school_id for day in news.values()})
    known = await repository.lock_episodes_of(db, news.keys())
    heard = [
        known[key].after(day) if key in known else facts.opened(day, uuid7())
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
        rounds = await messages.lock_rounds(db, episodes)
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


async def tell(db: SqlSession, states: Sequence[NewState], *, now: datetime) -> None:
    """Announce what messages have come to, and whom nobody could tell; this once a round."""
    rounds = exhausted_in(states)
    if rounds:
        await repository.note_exhausted(db, rounds)
    await announce(db, news_of(states, now=now), now=now)


async def day_for(
    db: SqlSession, principal: Principal, right: Right, episode_id: UUID, *, now: datetime
) -> ContactedDay:
    """Return an episode on which a caller has a right, or raise `NotFound`.

    The reading is logged.
    """
    day = await repository.contacted_day(db, episode_id)
    if day is None:
        raise NotFound("There is nothing here that this token may see.")
    school, today = day.episode.school_id, access.today(now)
    await access.require(db, principal, right, objects=[school], today=today)
    await access.log_read(db, principal, right, [day.episode.child_id])
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCall:
    """Somebody's word on the call that was owed about a day, having seen this version of it."""

    episode_id: UUID
    outcome: CallOutcome
    version_seen: int


async def record_call(
    db: SqlSession, principal: Principal, command: RecordCall, *, now: datetime
) -> ContactedDay:
    """Keep that the office has rung a family; the same word sent twice is taken once.

    Raises `NotFound`; `Conflict` where another word was given or none is owed; and
    `PreconditionFailed` when something was heard of the day after it was read.
    """
    await repository.lock_episodes(db, [command.episode_id])
    day = await day_for(db, principal, rights.CONTACT_WRITE, command.episode_id, now=now)
    if day.call is not None and day.call.outcome is command.outcome:
        return day
    if day.call is not None:
        raise Conflict("What became of this call has been said; read the episode to see it.")
    if day.episode.version != command.version_seen:
        raise PreconditionFailed("Something was heard of this day meanwhile; read it again.")
    if day.not_corrected is None:
        raise Conflict("Nobody is to be rung about this day: see its school's `calls`.")
    call = Call(outcome=command.outcome, made_at=now, made_by=principal.subject)
    await repository.save_call(db, command.episode_id, call)
    heard = replace(day.episode, version=day.episode.version + 1)
    return replace(day, episode=heard, call=call)


async def _decide(
    db: SqlSession,
    episodes: Sequence[Episode],
    hours: Mapping[UUID, Hours],
    *,
    now: datetime,
) -> list[Decision]:
    rounds = await messages.lock_rounds(db, episodes)
    return [
        domain.decide(episode, rounds.get(episode.id, ()), hours.get(episode.school_id), now=now)
        for episode in episodes
    ]


async def _carry_out(db: SqlSession, decisions: Sequence[Decision]) -> None:
    cancelled = [message_id for decision in decisions for message_id in decision.cancel]
    if cancelled:
        await messages.cancel(db, cancelled)
    planned = [
        (decision.episode, plan, plan.message_id or uuid7())
        for decision in decisions
        for plan in decision.plan
    ]
    if planned:
        await messages.plan(db, planned)
