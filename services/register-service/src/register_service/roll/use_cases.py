"""What can be done with the admission register: load, decide, save, announce."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Invalid, NotFound, PreconditionFailed
from attendance_runtime.messaging import outbox
from register_service.absences.use_cases import follow_rolls
from register_service.roll import domain, repository
from register_service.roll.domain import Amendment, Enrolment, Identity
from register_service.roll.repository import Name, Only, Revision
from register_service.schools import repository as schools


async def read_enrolment(
    db: SqlSession, principal: Principal, enrolment_id: UUID, *, now: datetime
) -> tuple[Enrolment, Identity]:
    """Return an enrolment and its school's word on the child to whoever sees the school's roll.

    The read is logged.
    """
    enrolment = await _enrolment_for(db, principal, rights.ROLL_READ, enrolment_id, now=now)
    identity = await repository.find_identity(db, enrolment.id)
    await access.log_read(db, principal, rights.ROLL_READ, [enrolment.child_id])
    return enrolment, identity


async def read_revisions(
    db: SqlSession,
    principal: Principal,
    enrolment_id: UUID,
    *,
    after: int,
    limit: int,
    now: datetime,
) -> list[Revision]:
    """Return what a school said before of an enrolment's child to whoever sees the school's roll.

    The oldest first, after this revision. The read is logged.
    """
    enrolment = await _enrolment_for(db, principal, rights.ROLL_READ, enrolment_id, now=now)
    revisions = await repository.revisions_after(db, enrolment_id, after, limit=limit)
    await access.log_read(db, principal, rights.ROLL_READ, [enrolment.child_id])
    return revisions


async def places_to_copy(db: SqlSession, after: UUID, *, limit: int, only: Only) -> list[Enrolment]:
    """Return the next enrolments in the order of their ids."""
    return await repository.enrolments_after(db, after, limit=limit, only=only)


async def amend_enrolment(
    db: SqlSession,
    principal: Principal,
    enrolment_id: UUID,
    amendment: Amendment,
    *,
    version_seen: int,
    now: datetime,
) -> Enrolment:
    """Amend one enrolment and announce it.

    Raises `PreconditionFailed` for an older version, `Invalid` for what cannot stand, `Unavailable`
    when another request amends it at this moment.
    """
    before = await _enrolment_for(db, principal, rights.ROLL_WRITE, enrolment_id, now=now)
    if version_seen != before.version:
        raise PreconditionFailed("Somebody changed this enrolment meanwhile; read it again.")
    await schools.lock_school(db, before.school_id)
    others = await repository.find_enrolments(db, before.school_id, [before.child_id])
    amended, faults = domain.amend(before, amendment, others[before.child_id])
    if faults:
        raise Invalid("The enrolment cannot be amended to this.", faults)
    if amended != before:
        await repository.keep_last_sent(db, before)
        await repository.save_enrolments(db, [amended], principal, now=now)
        await outbox.announce(db, [domain.enrolment_changed(amended)], now=now)
        await follow_rolls(db, [amended.id], now=now)
    return amended


async def read_names(
    db: SqlSession, principal: Principal, enrolment_ids: Sequence[UUID], *, now: datetime
) -> list[Name]:
    """Return what the children are called whom a caller may see; the read is logged."""
    names = await repository.names_of(db, enrolment_ids)
    objects = {name.child_id for name in names} | {name.school_id for name in names}
    reached = await access.objects_reached(
        db, principal, rights.CHILD_READ, objects=sorted(objects), today=access.today(now)
    )
    seen = [name for name in names if not reached.isdisjoint({name.child_id, name.school_id})]
    await access.log_read(db, principal, rights.CHILD_READ, [name.child_id for name in seen])
    return seen


async def _enrolment_for(
    db: SqlSession, principal: Principal, right: Right, enrolment_id: UUID, *, now: datetime
) -> Enrolment:
    enrolment = await repository.find_enrolment(db, enrolment_id)
    if enrolment is None:
        raise NotFound("There is nothing here that this token may see.")
    today = access.today(now)
    await access.require(db, principal, right, objects=[enrolment.school_id], today=today)
    return enrolment
