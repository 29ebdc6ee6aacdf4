"""Amending one mark: load, decide, save, announce."""

from dataclasses import dataclass
from datetime import datetime

from attendance_runtime import outbox
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Fault, Invalid, PreconditionFailed
from register_service.absences.domain import Entry
from register_service.absences.repository import read_histories
from register_service.amendments import repository
from register_service.amendments.repository import Mark
from register_service.registers import domain
from register_service.registers.domain import Amendment, SchoolSession
from register_service.registers.news import news_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendMark:
    """An order to replace one mark's code, for a reason, by a named person with a title."""

    mark: Mark
    expected_revision: int
    code: str
    amendment: Amendment
    amended_by: str


async def amend_mark(
    session: SqlSession, command: AmendMark, at: SchoolSession, *, now: datetime
) -> int:
    """Amend one mark and announce it; return its new revision.

    Raises `PreconditionFailed` when somebody amended it meanwhile, `Invalid` for a code that cannot
    stand in that session's register.
    """
    mark = command.mark
    if mark.revision != command.expected_revision:
        raise PreconditionFailed("Somebody amended this mark meanwhile; read it again.")
    refusal = domain.code_refusal(command.code, mark.date, mark.session)
    if refusal is not None:
        raise Invalid("The mark cannot be amended to this.", [Fault(refusal, "#/code")])
    if command.code == mark.code:
        return mark.revision
    history = await read_histories(session, [(mark.enrolment_id, mark.date, mark.session)])
    await repository.amend_mark(
        session,
        mark,
        command.code,
        amendment=command.amendment,
        amended_by=command.amended_by,
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
    news = news_of([changed], at=at, day=mark.date, session=mark.session, now=now)
    await outbox.announce(session, news, now=now)
    return mark.revision + 1
