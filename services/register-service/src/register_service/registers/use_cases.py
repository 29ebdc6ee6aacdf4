"""What can be done with a register: load, decide, save, announce."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from attendance_runtime import outbox
from attendance_runtime.errors import Fault, Invalid, PreconditionFailed
from register_service.registers import domain, repository
from register_service.registers.domain import Amendment, SchoolSession, SentMark, WrongMark
from register_service.registers.repository import Mark, RegisterKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRegister:
    """An order to record a submission: the register, its marks, and who sent it.

    `keep_good` decides what happens when some marks are wrong: keep the others, or nothing at all.
    """

    register: RegisterKey
    marks: Sequence[SentMark]
    sent_by: str
    keep_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a submission."""

    new: int
    changed: int
    unchanged: int
    refused: Sequence[WrongMark]
    warnings: Sequence[WrongMark]
    missing: Sequence[UUID]


async def record_register(
    session: AsyncSession, command: RecordRegister, at: SchoolSession, *, now: datetime
) -> Recorded:
    """Record a register as sent: keep its marks and announce what they change.

    Raises `Invalid` with a pointer to each wrong mark, and keeps nothing, unless the command says
    that the good marks are to be kept.
    """
    register = command.register
    _require_taught(at)
    wrong = domain.check_marks(command.marks, register.day, register.session)
    _refuse(wrong, command)
    positions = {mark.position for mark in wrong}
    good = [mark for mark in command.marks if mark.position not in positions]
    stored = await repository.upsert_marks(
        session, register, good, taken_by=command.sent_by, now=now
    )
    written = stored.marks
    wrong += domain.unresolved_marks(good, written)
    _refuse(wrong, command)
    await _announce(session, written, at=at, register=register, now=now)
    present = {mark.enrolment_id for mark in written}
    return Recorded(
        new=sum(mark.changed and mark.previous is None for mark in written),
        changed=sum(mark.changed and mark.previous is not None for mark in written),
        unchanged=sum(not mark.changed for mark in written),
        refused=wrong,
        warnings=domain.warnings_for(command.marks, register.day, register.session),
        missing=[pupil for pupil in stored.expected if pupil not in present],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendMark:
    """An order to replace one mark's code, for a reason, by a named person with a title."""

    mark: Mark
    expected_revision: int
    code: str
    amendment: Amendment
    amended_by: str


async def amend_mark(
    session: AsyncSession, command: AmendMark, at: SchoolSession, *, now: datetime
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
    await repository.amend_mark(
        session,
        mark,
        command.code,
        amendment=command.amendment,
        amended_by=command.amended_by,
        now=now,
    )
    written = domain.WrittenMark(0, mark.enrolment_id, mark.child_id, mark.code, command.code)
    register = RegisterKey(mark.school_id, mark.date, mark.session)
    await _announce(session, [written], at=at, register=register, now=now)
    return mark.revision + 1


async def _announce(
    session: AsyncSession,
    written: Sequence[domain.WrittenMark],
    *,
    at: SchoolSession,
    register: RegisterKey,
    now: datetime,
) -> None:
    recorded = domain.register_recorded(
        written, school_id=at.school_id, day=register.day, session=register.session, now=now
    )
    if recorded is None:
        return
    absences = domain.classify_changes(
        written, at=at, day=register.day, session=register.session, now=now
    )
    await outbox.announce(session, [recorded, *absences], now=now)


def _require_taught(at: SchoolSession) -> None:
    if at.taught is None:
        raise Invalid(
            "The school has no calendar for this school year; send it first.",
            [Fault("No calendar covers this date.", "path:date")],
        )
    if not at.taught:
        raise Invalid(
            "The school's calendar has no such session.",
            [Fault("No session is held then; correct the calendar or the date.", "path:date")],
        )


def _refuse(wrong: Sequence[WrongMark], command: RecordRegister) -> None:
    if wrong and not command.keep_good:
        raise Invalid(
            "Nothing was kept. Correct the marks pointed at, or send `?partial=accept`.",
            faults(wrong),
        )


def faults(wrong: Sequence[WrongMark]) -> list[Fault]:
    """Point at each wrong mark in the body."""
    return [
        Fault(mark.detail, f"#/marks/{mark.position}" + (f"/{mark.field}" if mark.field else ""))
        for mark in wrong
    ]
