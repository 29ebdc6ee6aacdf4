"""All tables of the service in one metadata, for migrations and tests."""

from attendance_runtime.tables import add_runtime_tables
from register_service.calendar import tables as _calendar
from register_service.care import tables as _care
from register_service.establishments import tables as _establishments
from register_service.links import tables as _links
from register_service.metadata import metadata
from register_service.missing import tables as _missing
from register_service.registers import tables as _registers
from register_service.roll import tables as _roll
from register_service.schools import tables as _schools

add_runtime_tables(metadata)

__all__ = [
    "_calendar",
    "_care",
    "_establishments",
    "_links",
    "_missing",
    "_registers",
    "_roll",
    "_schools",
    "metadata",
]
