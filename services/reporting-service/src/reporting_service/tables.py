"""All tables of the service in one metadata, for migrations and tests."""

from attendance_runtime.tables import add_runtime_tables
from reporting_service.care import tables as _care
from reporting_service.cases import tables as _cases
from reporting_service.metadata import metadata
from reporting_service.projection import tables as _projection
from reporting_service.roll import tables as _roll
from reporting_service.schools import tables as _schools
from reporting_service.today import tables as _today

add_runtime_tables(metadata)

__all__ = ["_care", "_cases", "_projection", "_roll", "_schools", "_today", "metadata"]
