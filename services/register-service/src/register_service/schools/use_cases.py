"""What can be done with schools: load, decide, save, announce."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_runtime import access
from attendance_runtime.access import Principal, relations, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Invalid, NotFound
from attendance_runtime.messaging import outbox
from register_service.establishments.domain import Establishment
from register_service.establishments.use_cases import given_to
from register_service.lines.domain import State
from register_service.missing.use_cases import plan_looks
from register_service.schools import domain, repository
from register_service.schools.domain import Decision, School, SchoolSettings


async def school_for(
    db: SqlSession, principal: Principal, right: Right, urn: str, *, today: date
) -> School:
    """Return the school to which a caller has a right, or raise `NotFound`."""
    school = await repository.find_school(db, urn)
    if school is None:
        raise NotFound("There is nothing here that this token may see.")
    await access.require(db, principal, right, objects=[school.id], today=today)
    return school


async def read_school_for(
    db: SqlSession, principal: Principal, urn: str, *, now: datetime
) -> School:
    """Return a school's settings to whoever may read them, or raise `NotFound`."""
    return await school_for(db, principal, rights.SCHOOL_READ, urn, today=access.today(now))


async def schools_to_copy(
    db: SqlSession, after: UUID, *, limit: int, school_id: UUID | None
) -> list[School]:
    """Return the next schools, all or this one, in the order of their ids."""
    return await repository.schools_after(db, after, limit=limit, school_id=school_id)


async def put_school(
    db: SqlSession, principal: Principal, settings: SchoolSettings, *, now: datetime
) -> tuple[School, State]:
    """Create a school or replace its settings; raise `NotFound` or `Invalid` for a refusal."""
    given = await given_to(db, principal.organisation, [settings.urn])
    if not given:
        raise NotFound("There is nothing here that this token may see.")
    [decision] = await _put_given(db, {1: settings}, given, now=now)
    if decision.school is None:
        raise Invalid("The school cannot be kept as sent.", decision.faults)
    return decision.school, decision.state


async def put_schools(
    db: SqlSession,
    principal: Principal,
    lines: Mapping[int, SchoolSettings],
    *,
    now: datetime,
) -> list[Decision]:
    """Create or replace many schools, deciding each line for itself."""
    urns = [line.urn for line in lines.values()]
    given = await given_to(db, principal.organisation, urns)
    return await _put_given(db, lines, given, now=now)


async def move_schools(db: SqlSession, authorities: Mapping[str, str], *, now: datetime) -> None:
    """Let the schools kept here answer to these authorities, by URN, and to no other."""
    kept = await repository.lock_schools(db, list(authorities))
    await _keep(db, domain.moved(kept.values(), authorities), now=now)


async def _put_given(
    db: SqlSession,
    lines: Mapping[int, SchoolSettings],
    given: Mapping[str, Establishment],
    *,
    now: datetime,
) -> list[Decision]:
    known = await repository.lock_schools(db, list(given))
    new_ids = [uuid7() for _ in lines]
    decisions = domain.decide_schools(lines, known, new_ids, given=given, today=access.today(now))
    news = [
        decision.school
        for decision in decisions
        if decision.school is not None and decision.state is not State.UNCHANGED
    ]
    await _keep(db, news, now=now)
    return decisions


async def _keep(db: SqlSession, schools: Sequence[School], *, now: datetime) -> None:
    """Keep schools as they are now, with what hangs on them, and tell the other services."""
    if not schools:
        return
    await repository.save_schools(db, schools)
    events = [domain.school_changed(school) for school in schools]
    await relations.apply_schools(db, events)
    await plan_looks(db, [school.id for school in schools], now=now)
    await outbox.announce(db, events, now=now)
