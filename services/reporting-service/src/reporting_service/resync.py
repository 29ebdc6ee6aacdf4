"""How a dead letter is settled here: what it is about is read from the register as it stands.

Letters about cases and messages stay: their services give no present state of them out.
"""

from uuid import UUID

from attendance_contracts.topics import REGISTERS
from attendance_runtime.copies.register_reads import reads_as
from attendance_runtime.copies.resyncing import ByTopic, copies
from attendance_runtime.database import SqlSession
from attendance_runtime.messaging.dead_letters import Letter, Resync
from attendance_runtime.runtime import Runtime
from reporting_service.consumer import ROUTES
from reporting_service.recount.use_cases import mend_school
from reporting_service.settings import settings_of


def resync(runtime: Runtime) -> Resync:
    """Return the way to settle this service's letters."""
    reads = reads_as(settings_of(runtime))

    async def marks_of_school(db: SqlSession, _: Letter, school_id: UUID) -> None:
        await mend_school(db, school_id, reads, now=runtime.clock.now())

    ways = copies(reads, ROUTES, runtime.clock)
    return ByTopic(ways | {REGISTERS.name: marks_of_school})
