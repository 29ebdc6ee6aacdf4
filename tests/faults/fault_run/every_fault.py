"""Every fault, imported in the order in which they are played."""

from fault_run import processes  # isort: skip
from fault_run import broker, clients, database, provider, times
from fault_run.faults import FAULTS

__all__ = ["FAULTS", "broker", "clients", "database", "processes", "provider", "times"]
