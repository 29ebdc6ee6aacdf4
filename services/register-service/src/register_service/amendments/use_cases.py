"""Amending one mark: load, decide, save, announce."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Fault, Invalid, PreconditionFailed
from attendance_runtime.messaging import outbox
from register_service.absences.domain import Entry
from register_service.absences.repository import read_histories
from register_service.amendments import repository
from register_service.amendments.repository import Mark
from register_service.calendar.domain import SchoolSession
from register_service.registers import domain
from register_service.registers.domain import Amendment, news_of
from register_service.roll import repository as roll


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendMark:
    """An order to replace one mark's code, for a reason, by a named person with a title."""

    mark: Mark
    expected_revision: int
    code: str
    amendment: Amendment
    amended_by: str


class Amended(NamedTuple):
    """A mark's new revision, and what is worth a look about it."""

    revision: int
    warnings: Sequence[Fault]


async def amend_mark(
    db: SqlSession, command: AmendMark, at: SchoolSession, *, now: datetime
) -> Amended:
    """Amend one mark and announce it.

    Raises `PreconditionFailed` when somebody amended it meanwhile, `Invalid` for a code that cannot
    stand in that session's register, or for this child.
    """
    mark = command.mark
    if mark.revision != command.expected_revision:
        raise PreconditionFailed("Somebody amended this mark meanwhile; read it again.")
    warnings = await _check_code(db, command)
    if command.code == mark.code:
        return Amended(mark.revision, warnings)
    history = await read_histories(db, [(mark.enrolment_id, mark.date, mark.session)])
    await repository.amend_mark(
        db,
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
    await outbox.announce(db, news, now=now)
    return Amended(mark.revision + 1, warnings)


async def _check_code(db: SqlSession, command: AmendMark) -> list[Fault]:
    """Return what is worth a look about the code; raise `Invalid` where it cannot be."""
    mark, born = command.mark, None
    refusal = domain.code_refusal(command.code, mark.date, mark.session)
    if refusal is None and command.code in domain.AGE_MATTERS:
        born = (await roll.birth_dates(db, [mark.enrolment_id]))[mark.enrolment_id]
        refusal = domain.age_refusal(command.code, born, mark.date)
    if refusal is not None:
        raise Invalid("The mark cannot be amended to this.", [Fault(refusal, "#/code")])
    warning = domain.code_warning(command.code, born, mark.date)
    return [] if warning is None else [Fault(warning, "#/code")]
