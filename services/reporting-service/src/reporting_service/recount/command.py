"""`python -m reporting_service recount | rebuild`: is every figure what the register says?"""

import sys
from collections.abc import Awaitable
from typing import Final

from attendance_runtime.runtime import Runtime
from reporting_service.errors import RegisterUnreadable
from reporting_service.recount import use_cases
from reporting_service.recount.use_cases import Recounted
from reporting_service.register_bulk import marks_in_pages
from reporting_service.settings import ReportingSettings

# The second pass finds what the worker changed during the first, which is little.
_PASSES: Final = 5


async def recount(runtime: Runtime) -> int:
    """Print each difference, ids and sessions only; 1 if there is any, 2 if none could be read."""
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
    found = await use_cases.recount(runtime.database, marks_in_pages(_settings(runtime)))
    for difference in found.differences:
        sys.stdout.write(f"{difference}\n")
    _summarise("recount", found)
    return 1 if found.differences else 0


async def _rebuild(runtime: Runtime) -> int:
    for number in range(1, _PASSES + 1):
        found = await use_cases.rebuild(runtime.database, marks_in_pages(_settings(runtime)))
        _summarise(f"rebuild, pass {number}", found)
        if not found.differences:
            return 0
    return 1


def _summarise(work: str, found: Recounted) -> None:
    sys.stdout.write(
        f"{work}: {found.rows} enrolment years, {found.marks} marks, "
        f"{len(found.differences)} differences\n"
    )


def _settings(runtime: Runtime) -> ReportingSettings:
    if not isinstance(runtime.settings, ReportingSettings):
        raise TypeError("The register is read with the reporting service's own settings.")
    return runtime.settings
