"""How a dead letter is settled here, and the ledger rebuilt: from the register as it stands."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attendance_contracts.topics import REGISTERS
from attendance_runtime.copies.register_reads import RegisterReads, reads_as
from attendance_runtime.copies.resyncing import ByTopic, copies
from attendance_runtime.copies.turns import lock_schools
from attendance_runtime.database import SqlSession
from attendance_runtime.messaging.dead_letters import Letter, Resync
from attendance_runtime.runtime import Runtime
from escalation_service.absences.domain import LedgerMark, absences_among
from escalation_service.consumer import POLICIES, ROUTES
from escalation_service.reactions import renew_absences
from escalation_service.roll import repository as roll
from escalation_service.settings import settings_of


def resync(runtime: Runtime) -> Resync:
    """Return the way to settle this service's letters."""
    reads = reads_as(settings_of(runtime))

    async def marks_of_school(db: SqlSession, _: Letter, school_id: UUID) -> None:
        await renew_ledger(db, reads, school_id, now=runtime.clock.now())

    ways = copies(reads, ROUTES, runtime.clock)
    return ByTopic(ways | {REGISTERS.name: marks_of_school})


async def rebuild_ledger(runtime: Runtime, reads: RegisterReads, every: Sequence[UUID]) -> bool:
    """Make the ledger of every school what the register says, and decide what follows; True.

    Decisions and cases are this service's own work, and stay: what a decision stands on is mended,
    and one that no longer holds is withdrawn as at any other time.
    """
    for school_id in every:
        async with runtime.database.transaction() as db:
            await renew_ledger(db, reads, school_id, now=runtime.clock.now())
    return True


async def renew_ledger(
    db: SqlSession, reads: RegisterReads, school_id: UUID, *, now: datetime
) -> None:
    """Make one school's ledger of absences what the register says now, and evaluate its years."""
    # The school's turn comes before the reading: a register that the worker applies after this
    # is newer than what is read here, or known to it already.
    await lock_schools(db, [school_id])
    enrolments = set(await roll.enrolments_at(db, [school_id]))
    absent: list[LedgerMark] = []
    async for page in reads.marks(school_id):
        enrolments.update(mark[0] for mark in page)
        absent += absences_among(page)
    await renew_absences(db, school_id, enrolments, absent, policies=POLICIES, now=now)
