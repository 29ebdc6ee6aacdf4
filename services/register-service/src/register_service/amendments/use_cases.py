"""Amending one mark: load, decide, save, announce."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping

from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Fault, Invalid, NotFound, PreconditionFailed
from attendance_runtime.messaging import outbox
from register_service.absences.domain import Entry
from register_service.absences.repository import read_histories
from register_service.amendments import repository
from register_service.amendments.repository import Mark
from register_service.calendar.domain import SchoolSession, SessionAt
from register_service.registers import domain
from register_service.registers.domain import Amendment, news_of
from register_service.registers.use_cases import school_session_for
from register_service.roll import repository as roll


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendMark:
    """An order to replace one mark's code, for a reason, by a named person with a title."""

    at: SessionAt
    enrolment_id: UUID
    expected_revision: int
    code: str
    amendment: Amendment


class Amended(NamedTuple):
    """A mark's new revision, and what is worth a look about it."""

    revision: int
    warnings: Sequence[Fault]


async def amend_mark(
    db: SqlSession, principal: Principal, command: AmendMark, *, now: datetime
) -> Amended:
    """Amend one mark and announce it.

    Raises `PreconditionFailed` when somebody amended it meanwhile, `Invalid` for a code that cannot
    stand in that session's register, or for this child.
    """
    wanted = (command.at, command.enrolment_id)
    mark, school = await _lock_mark(db, principal, rights.MARK_AMEND, *wanted, now=now)
    if mark.revision != command.expected_revision:
        raise PreconditionFailed("Somebody amended this mark meanwhile; read it again.")
    warnings = await _check_code(db, mark, command.code)
    if command.code == mark.code:
        return Amended(mark.revision, warnings)
    history = await read_histories(db, [(mark.enrolment_id, mark.date, mark.session)])
    await repository.amend_mark(
        db,
        mark,
        command.code,
        amendment=command.amendment,
        amended_by=principal.subject,
        now=now,
    )
    changed = domain.ChangedMark(
        mark.enrolment_id,
        mark.child_id,
        mark.code,
        command.code,
        by_name=command.amendment.by_name,
        history=next(iter(history.values()), (Entry(mark.code),)),
    )
    news = news_of([changed], at=school, day=mark.date, session=mark.session, now=now)
    await outbox.announce(db, news, now=now)
    return Amended(mark.revision + 1, warnings)


async def read_history_for(
    db: SqlSession, principal: Principal, at: SessionAt, enrolment_id: UUID, *, now: datetime
) -> tuple[Mark, Sequence[RowMapping]]:
    """Return a mark and every amendment, oldest first, to its register's readers; it is logged."""
    mark, _ = await _lock_mark(db, principal, rights.REGISTER_READ, at, enrolment_id, now=now)
    await access.log_read(db, principal, rights.REGISTER_READ, [mark.child_id])
    return mark, await repository.mark_history(db, mark.enrolment_id, mark.date, mark.session)


async def _lock_mark(
    db: SqlSession,
    principal: Principal,
    right: Right,
    at: SessionAt,
    enrolment_id: UUID,
    *,
    now: datetime,
) -> tuple[Mark, SchoolSession]:
    """Lock the mark of a session at a school; one of another school's child is not found there."""
    school = await school_session_for(db, principal, right, at, now=now)
    mark = await repository.lock_mark(db, enrolment_id, at.day, at.session)
    if mark is None or mark.school_id != school.school_id:
        raise NotFound("This child has no mark for that session until its register is sent.")
    return mark, school


async def _check_code(db: SqlSession, mark: Mark, code: str) -> list[Fault]:
    """Return what is worth a look about the code; raise `Invalid` where it cannot be."""
    born = None
    refusal = domain.code_refusal(code, mark.date, mark.session)
    if refusal is None and code in domain.AGE_MATTERS:
        born = (await roll.birth_dates(db, [mark.enrolment_id]))[mark.enrolment_id]
        refusal = domain.age_refusal(code, born, mark.date)
    if refusal is not None:
        raise Invalid("The mark cannot be amended to this.", [Fault(refusal, "#/code")])
    warning = domain.code_warning(code, born, mark.date)
    return [] if warning is None else [Fault(warning, "#/code")]
