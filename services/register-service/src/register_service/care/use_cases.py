"""What can be done with care statuses: load, decide, save, announce."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attendance_contracts.events import CareStatus
from attendance_runtime import access, outbox, relations
from attendance_runtime.auth import Principal
from attendance_runtime.database import SqlSession
from register_service.care import domain, repository
from register_service.care.domain import CareLine, Entry, Known


async def set_statuses(
    session: SqlSession, principal: Principal, lines: Mapping[int, CareLine], *, now: datetime
) -> list[Entry]:
    """Keep what an authority says of its children, deciding each line for itself."""
    by_upn, child_ids = await repository.children_named(
        session,
        [line.upn.strip().upper() for line in lines.values() if line.upn],
        [line.child_id for line in lines.values() if line.child_id],
    )
    known = Known(by_upn=by_upn, statuses=await repository.find_statuses(session, child_ids))
    entries = domain.decide_lines(lines, known, organisation=principal.organisation)
    versions = await repository.save_statuses(session, domain.newest(entries))
    statuses = await repository.find_statuses(session, list(versions))
    events = [
        domain.care_changed(child_id, statuses[child_id], version)
        for child_id, version in versions.items()
    ]
    if events:
        await relations.apply_care(session, events)
        await outbox.announce(session, events, now=now)
    return entries


async def follow_child(
    session: SqlSession, child_id: UUID, to_child_id: UUID, *, now: datetime
) -> None:
    """Make one child's statuses another's, who has turned out to be the same; both are locked."""
    old, new = await repository.move_statuses(session, child_id, to_child_id)
    if old == 0:
        return
    statuses = await repository.find_statuses(session, [to_child_id])
    events = [
        domain.care_changed(child_id, (), old + 1),
        domain.care_changed(to_child_id, statuses[to_child_id], new),
    ]
    await relations.apply_care(session, events)
    await outbox.announce(session, events, now=now)


async def read_statuses(
    session: SqlSession, principal: Principal, child_id: UUID, *, now: datetime
) -> Sequence[CareStatus]:
    """Return a child's statuses to the authority and the worker responsible; the read is logged."""
    today = access.today(now)
    await access.require(session, principal, "care.read", objects=[child_id], today=today)
    statuses = await repository.find_statuses(session, [child_id])
    await access.log_read(session, principal, "care.read", [child_id])
    return statuses[child_id]
