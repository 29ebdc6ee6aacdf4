"""Keeping the ledger of absences: from registers, or from all that the register says."""

from collections.abc import Collection, Sequence
from uuid import UUID

from attendance_contracts.events import RegisterRecorded
from attendance_runtime.database import SqlSession
from escalation_service.absences import domain, repository
from escalation_service.absences.domain import EnrolmentYear, LedgerChanges, LedgerMark


async def keep_absences(
    db: SqlSession, events: Sequence[RegisterRecorded], *, counted: frozenset[str]
) -> LedgerChanges:
    """Enter a batch of registers into the ledger; `counted` are the codes that some rule counts."""
    changes = domain.ledger_changes(events, counted)
    if changes.absent:
        await repository.save_absences(db, changes.absent)
    if changes.not_absent:
        await repository.remove_absences(db, changes.not_absent)
    return changes


async def replace_absences(
    db: SqlSession, enrolments: Collection[UUID], absent: Sequence[LedgerMark]
) -> set[EnrolmentYear]:
    """Make the ledger of these enrolments these absences and no others.

    Returns their years with absences before or after: in years that have none now, what stands is
    to be withdrawn.
    """
    before = await repository.years_with_absences(db, enrolments)
    await repository.forget_enrolments(db, enrolments)
    await repository.save_absences(db, absent)
    return {*before, *await repository.years_with_absences(db, enrolments)}
