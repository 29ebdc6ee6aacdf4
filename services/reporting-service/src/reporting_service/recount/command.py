"""`python -m reporting_service recount`, and its part of `rebuild`: the figures."""

import sys
from collections.abc import Sequence
from uuid import UUID

from attendance_runtime.copies.register_reads import RegisterReads, RegisterUnreadable, reads_as
from attendance_runtime.runtime import Runtime
from reporting_service.recount import use_cases
from reporting_service.recount.use_cases import PASSES, Recounted
from reporting_service.settings import settings_of


async def recount(runtime: Runtime) -> int:
    """Print each figure that is not what the register says, by ids and sessions alone.

    1 if there is any, 2 if the register could not be read.
    """
    try:
        return await _recount(runtime)
    except RegisterUnreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2


async def rebuild_figures(runtime: Runtime, reads: RegisterReads, _: Sequence[UUID]) -> bool:
    """Mend every row and total that differs, until none does; False if some still do."""
    for number in range(1, PASSES + 1):
        found = await use_cases.rebuild(runtime.database, reads, now=runtime.clock.now())
        _summarise(f"rebuild, pass {number}", found)
        if not found.faults:
            return True
    return False


async def _recount(runtime: Runtime) -> int:
    register = reads_as(settings_of(runtime))
    found = await use_cases.recount(runtime.database, register, now=runtime.clock.now())
    for fault in found.faults:
        sys.stdout.write(f"{fault}\n")
    _summarise("recount", found)
    return 1 if found.faults else 0


def _summarise(work: str, found: Recounted) -> None:
    sys.stdout.write(
        f"{work}: {found.rows} enrolment years, {found.marks} marks, "
        f"{len(found.faults)} differences\n"
    )
