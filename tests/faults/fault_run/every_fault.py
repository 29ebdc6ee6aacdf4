"""Every fault; they are played in the order in which they are imported here."""

# isort: off
from fault_run import nothing, processes, broker, database, provider, times, clients

# isort: on
from fault_run.faults import FAULTS

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
