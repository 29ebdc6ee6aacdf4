"""Who is calling, what their token allows, and which schools and children that opens today.

`callers` verifies tokens (`tokens`, `issuer_keys` behind it), `rights` lists what there is to be
allowed, `rules` asks for it at a route, and `reach` asks the dated `relations` of the object.
"""

from attendance_runtime.access.callers import Principal, current_principal
from attendance_runtime.access.reach import (
    every_object_reached,
    log_read,
    objects_reached,
    reached_by_each,
    require,
    require_organisation,
    today,
)
from attendance_runtime.access.rules import Allowed, Rule

__all__ = [
    "Allowed",
    "Principal",
    "Rule",
    "current_principal",
    "every_object_reached",
    "log_read",
    "objects_reached",
    "reached_by_each",
    "require",
    "require_organisation",
    "today",
]
