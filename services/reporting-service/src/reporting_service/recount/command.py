"""`python -m reporting_service recount | rebuild`: is every figure what the register says?"""

import sys
from collections.abc import Awaitable

from attendance_runtime.register_reads import RegisterUnreadable, reads_as
from attendance_runtime.runtime import Runtime
from reporting_service.recount import use_cases
from reporting_service.recount.use_cases import PASSES, Recounted
from reporting_service.settings import settings_of


async def recount(runtime: Runtime) -> int:
    """Print each figure that is not what the register says, by ids and sessions alone.

    1 if there is any, 2 if the register could not be read.
    """
    return await _or_say_why(_recount(runtime))


async def rebuild(runtime: Runtime) -> int:
    """Mend every row that differs; 1 if some still do, 2 if the register could not be read."""
    return await _or_say_why(_rebuild(runtime))


async def _or_say_why(work: Awaitable[int]) -> int:
    try:
        return await work
    except RegisterUnreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2


async def _recount(runtime: Runtime) -> int:
    register = reads_as(settings_of(runtime))
    found = await use_cases.recount(runtime.database, register.marks())
    for fault in found.faults:
        sys.stdout.write(f"{fault}\n")
    _summarise("recount", found)
    return 1 if found.faults else 0


async def _rebuild(runtime: Runtime) -> int:
    register = reads_as(settings_of(runtime))
    for number in range(1, PASSES + 1):
        found = await use_cases.rebuild(runtime.database, register.marks())
        _summarise(f"rebuild, pass {number}", found)
        if not found.faults:
            return 0
    return 1


def _summarise(work: str, found: Recounted) -> None:
    sys.stdout.write(
        f"{work}: {found.rows} enrolment years, {found.marks} marks, "
        f"{len(found.faults)} differences\n"
    )
