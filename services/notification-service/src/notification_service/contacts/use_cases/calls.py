"""The office's word on a call that it owed a family."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from attendance_runtime.access import Principal, rights
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Conflict, PreconditionFailed
from notification_service.contacts import repository
from notification_service.contacts.domain import Call, CallOutcome, ContactedDay
from notification_service.contacts.use_cases.reading import read_episode_for


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
    day = await read_episode_for(
        db, principal, command.episode_id, now=now, right=rights.CONTACT_WRITE
    )
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
