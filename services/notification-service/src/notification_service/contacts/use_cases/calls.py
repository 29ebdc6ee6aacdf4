"""What the school's staff and its authority read of a day, and the office's word on its calls."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Conflict, NotFound, PreconditionFailed
from notification_service.contacts import repository
from notification_service.contacts.domain import Call, CallOutcome, ContactedDay


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
