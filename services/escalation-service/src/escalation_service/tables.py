"""All tables of the service in one metadata, for migrations and tests."""

from attendance_runtime.tables import add_runtime_tables
from escalation_service.absences import tables as _absences
from escalation_service.cases import tables as _cases
from escalation_service.decisions import tables as _decisions
from escalation_service.metadata import metadata
from escalation_service.roll import tables as _roll
from escalation_service.schools import tables as _schools

add_runtime_tables(metadata)

__all__ = ["_absences", "_cases", "_decisions", "_roll", "_schools", "metadata"]
