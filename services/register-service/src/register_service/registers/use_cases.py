"""What can be done with a register: load, decide, save, announce."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from attendance_runtime import outbox
from attendance_runtime.errors import Fault, Invalid
from register_service.registers import domain, repository
from register_service.registers.domain import SchoolSession, SentMark, WrongMark
from register_service.registers.repository import RegisterKey


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
    await announce_changes(session, written, at=at, register=register, now=now)
    present = {mark.enrolment_id for mark in written}
    return Recorded(
        new=sum(mark.changed and mark.previous is None for mark in written),
        changed=sum(mark.changed and mark.previous is not None for mark in written),
        unchanged=sum(not mark.changed for mark in written),
        refused=wrong,
        warnings=domain.warnings_for(command.marks, register.day, register.session),
        missing=[pupil for pupil in stored.expected if pupil not in present],
    )


async def announce_changes(
    session: AsyncSession,
    written: Sequence[domain.WrittenMark],
    *,
    at: SchoolSession,
    register: RegisterKey,
    now: datetime,
) -> None:
    """Announce what the written marks change: the register, and the absences that follow."""
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
