"""What can be done with a load of a school's roll: check, plan, save; or stop after the plan."""

import asyncio
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import structlog
from prometheus_client import Counter
from uuid_utils.compat import uuid7

from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.database import SqlSession
from attendance_runtime.messaging import outbox
from register_service.absences.use_cases import follow_rolls
from register_service.care import use_cases as care
from register_service.contacts.domain import contacts_changed
from register_service.imports import domain, repository
from register_service.imports.domain import Checked, Entry, Load, RollLine
from register_service.links import use_cases as links
from register_service.roll import repository as roll
from register_service.roll.domain import enrolment_changed
from register_service.schools import repository as schools
from register_service.schools.use_cases import school_for

_log = structlog.get_logger()
_GUESSES: Final = Counter(
    "firstday_identity_guesses_refused",
    "Lines of a roll refused since their date of birth or surname looks tried out",
    ["kind"],
)


async def load_roll(
    db: SqlSession,
    principal: Principal,
    urn: str,
    lines: Mapping[int, RollLine],
    *,
    now: datetime,
) -> list[Entry]:
    """Enter a school's roll, deciding each line for itself; raise `NotFound` for the school."""
    today = access.today(now)
    school = await school_for(db, principal, rights.ROLL_WRITE, urn, today=today)
    await schools.lock_schools(db, [urn])
    checked = await _check(lines)
    upns = {line.upn for line in domain.good_lines(checked)}
    await repository.take_upns(db, school.id, upns, source=principal.organisation, today=today)
    entries = await _plan(db, school.id, principal, checked, now=now)
    await _save(db, school.id, entries, sender=principal, now=now)
    _raise_alarm(school.id, entries)
    return entries


async def try_roll(
    db: SqlSession,
    principal: Principal,
    urn: str,
    lines: Mapping[int, RollLine],
    *,
    now: datetime,
) -> list[Entry]:
    """Say what a load would come to, by the rules of the load itself; nothing is written or locked.

    The ids of what would be new are nobody's. Facts that look tried out raise the alarm here too.
    """
    today = access.today(now)
    school = await school_for(db, principal, rights.ROLL_WRITE, urn, today=today)
    entries = await _plan(db, school.id, principal, await _check(lines), now=now)
    _raise_alarm(school.id, entries)
    return entries


async def _check(lines: Mapping[int, RollLine]) -> dict[int, Checked]:
    # In a thread: a second of rules must not keep the loop from the registers that come meanwhile.
    return await asyncio.to_thread(domain.check_lines, lines)


async def _plan(
    db: SqlSession,
    school_id: UUID,
    principal: Principal,
    checked: Mapping[int, Checked],
    *,
    now: datetime,
) -> list[Entry]:
    """Decide every line beside what the register holds."""
    known = await repository.find_known(db, school_id, domain.good_lines(checked), now=now)
    load = Load(
        school_id=school_id,
        organisation=principal.organisation,
        today=access.today(now),
        enrolment_ids=issue_ids(len(checked)),
        child_ids=iter(uuid4, None),
    )
    return await asyncio.to_thread(domain.plan_roll, checked, known, load)


async def _save(
    db: SqlSession,
    school_id: UUID,
    entries: Sequence[Entry],
    *,
    sender: Principal,
    now: datetime,
) -> None:
    enrolments = [entry.enrolment for entry in entries if entry.enrolment]
    new_children = [entry.child_id for entry in entries if entry.new_child and entry.child_id]
    await repository.add_children(db, new_children)
    await roll.save_enrolments(db, enrolments, sender, now=now)
    await repository.save_identities(db, entries, sender, now=now)
    await repository.save_first_words(db, school_id, entries)
    await repository.save_keys(db, school_id, entries, sender, now=now)
    await repository.save_last_sent(db, entries)
    await repository.replace_contacts(db, domain.contacts_of(entries))
    proposals = [proposal for entry in entries for proposal in entry.proposals]
    await links.propose(db, proposals, domain.facts_changed(entries), now=now)
    await outbox.announce(db, [enrolment_changed(one) for one in enrolments], now=now)
    await follow_rolls(db, [one.id for one in enrolments], now=now)
    reached = domain.enrolments_newly_reached(entries)
    await outbox.announce(db, contacts_changed(school_id, reached, now=now), now=now)
    # A claim may have waited for the child to come, or for the school to say who it is.
    written = [entry for entry in entries if entry.enrolment or entry.identity or entry.names]
    children = {entry.child_id for entry in written if entry.child_id}
    await care.judge_again(db, domain.upns_of(written), children, now=now)


def _raise_alarm(school_id: UUID, entries: Sequence[Entry]) -> None:
    """Count facts that look tried out: whoever watches over the platform asks the sender."""
    for kind, number in domain.guesses_refused(entries).items():
        _GUESSES.labels(kind).inc(number)
        _log.warning("roll.identities_refused", school_id=str(school_id), kind=kind, lines=number)


def issue_ids(number: int) -> Iterator[UUID]:
    """Return new ids, near each other in every index yet in no order.

    A school sends its classes in alphabetical order: ids in that order would tell names.
    """
    ids = [uuid7() for _ in range(number)]
    secrets.SystemRandom().shuffle(ids)
    return iter(ids)
