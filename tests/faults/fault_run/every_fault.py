"""Every fault in the order in which they are played: as imported, around those with a day."""

from datetime import date
from typing import Final

# isort: off
from fault_run import nothing, processes, broker, database, provider, times, clients

# isort: on
from fault_run import faults
from fault_run.faults import Fault

_BETWEEN: Final = date(2026, 11, 1)
"""Where the faults without a day of their own come: some sixty, a school day each."""

FAULTS: Final[list[Fault]] = sorted(faults.FAULTS, key=lambda fault: fault.day or _BETWEEN)

__all__ = [
    "FAULTS",
    "broker",
    "clients",
    "database",
    "nothing",
    "processes",
    "provider",
    "times",
]
