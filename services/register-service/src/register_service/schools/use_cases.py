"""What can be done with schools: load, decide, save, announce."""

from collections.abc import Mapping
from datetime import date, datetime

from uuid_utils.compat import uuid7

from attendance_runtime import access, outbox, relations
from attendance_runtime.auth import Principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Invalid, NotFound
from register_service.missing.use_cases import plan_looks
from register_service.schools import domain, repository
from register_service.schools.domain import Decision, School, SchoolSettings
from register_service.states import State


async def school_for(
    session: SqlSession, principal: Principal, action: str, urn: str, *, today: date
) -> School:
    """Return the school on which a caller may take an action, or raise `NotFound`."""
    school = await repository.find_school(session, urn)
    if school is None:
        raise NotFound("There is nothing here that this token may see.")
    await access.require(session, principal, action, objects=[school.id], today=today)
    return school


async def put_school(
    session: SqlSession, principal: Principal, settings: SchoolSettings, *, now: datetime
) -> tuple[School, State]:
    """Create a school or replace its settings; raise `NotFound` or `Invalid` for a refusal."""
    known = await repository.find_school(session, settings.urn)
    owner = settings.authority_code if known is None else known.authority_code
    access.require_organisation(principal, f"authority:{owner}")
    [decision] = await put_schools(session, principal, {1: settings}, now=now)
    if decision.school is None:
        raise Invalid("The school cannot be kept as sent.", decision.faults)
    return decision.school, decision.state


async def put_schools(
    session: SqlSession,
    principal: Principal,
    lines: Mapping[int, SchoolSettings],
    *,
    now: datetime,
) -> list[Decision]:
    """Create or replace many schools, deciding each line for itself."""
    known = await repository.lock_schools(session, [line.urn for line in lines.values()])
    new_ids = [uuid7() for _ in lines]
    decisions = domain.decide_schools(lines, known, new_ids, organisation=principal.organisation)
    news = [
        decision.school
        for decision in decisions
        if decision.school is not None and decision.state is not State.UNCHANGED
    ]
    if news:
        await repository.save_schools(session, news)
        events = [domain.school_changed(school) for school in news]
        await relations.apply_schools(session, events)
        await plan_looks(session, [school.id for school in news], now=now)
        await outbox.announce(session, events, now=now)
    return decisions
