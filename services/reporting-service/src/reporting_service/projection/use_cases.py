"""Moving the year rows with the registers."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.events import RegisterRecorded
from attendance_runtime.database import SqlSession
from reporting_service.projection import domain, repository
from reporting_service.projection.domain import MarkChanges


async def apply_registers(
    session: SqlSession,
    events: Sequence[RegisterRecorded],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Store a batch of registers: a statement for each session it speaks of, whatever its size."""
    for changes in domain.mark_changes(events):
        await _store(session, changes)


async def _store(session: SqlSession, changes: MarkChanges) -> None:
    if await repository.update_years(session, changes) == len(changes.enrolments):
        return
    # Marks came before their enrolment. Storing the others once more changes nothing.
    years = [changes.school_year] * len(changes.enrolments)
    await repository.add_years(session, changes.enrolments, years)
    await repository.update_years(session, changes)
