"""What can be done with a load of a school's roll: check, load, decide, save, announce."""

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.calendar import london_date
from attendance_runtime import outbox
from attendance_runtime.auth import Principal
from attendance_runtime.database import SqlSession
from register_service.imports import domain, repository
from register_service.imports.domain import Entry, RollLine
from register_service.roll import repository as roll
from register_service.roll.domain import enrolment_changed
from register_service.schools import repository as schools
from register_service.schools.use_cases import school_for


async def load_roll(
    session: SqlSession,
    principal: Principal,
    urn: str,
    lines: Mapping[int, RollLine],
    *,
    now: datetime,
) -> list[Entry]:
    """Enter a school's roll, deciding each line for itself; raise `NotFound` for the school."""
    today = london_date(now)
    school = await school_for(session, principal, "roll.write", urn, today=today)
    await schools.lock_schools(session, [urn])
    # In threads: a second of rules must not keep the loop from the registers that arrive meanwhile.
    checked = await asyncio.to_thread(domain.check_lines, lines)
    sent = [one.line for one in checked.values()]
    known = await repository.find_known(session, school.id, sent, today=today)
    ids = issue_ids(2 * len(lines))
    entries = await asyncio.to_thread(domain.plan_roll, checked, known, ids, school_id=school.id)
    enrolments = [entry.enrolment for entry in entries if entry.enrolment]
    await repository.save_children(
        session,
        {entry.upn: entry.child for entry in entries if entry.child},
        source=principal.organisation,
        today=today,
    )
    await roll.save_enrolments(session, enrolments)
    await repository.save_keys(session, school.id, entries)
    await repository.replace_contacts(session, domain.contacts_of(entries))
    await outbox.announce(session, [enrolment_changed(one) for one in enrolments], now=now)
    return entries


def issue_ids(number: int) -> Iterator[UUID]:
    """Return new ids, near each other in every index yet in no order.

    A school sends its classes in alphabetical order: ids in that order would tell names.
    """
    ids = [uuid7() for _ in range(number)]
    secrets.SystemRandom().shuffle(ids)
    return iter(ids)
