"""What a school's MIS sends of its roll, line by line, and what the register makes of it.

The natural keys are the UPN for a child of the school, and child, school and starting day for an
enrolment.
"""

from register_service.imports.domain.lines import Checked, RollLine, check_line, check_lines
from register_service.imports.domain.plan import (
    Entry,
    Known,
    Load,
    contacts_of,
    enrolments_newly_reached,
    facts_changed,
    guesses_refused,
    plan_roll,
)

__all__ = [
    "Checked",
    "Entry",
    "Known",
    "Load",
    "RollLine",
    "check_line",
    "check_lines",
    "contacts_of",
    "enrolments_newly_reached",
    "facts_changed",
    "guesses_refused",
    "plan_roll",
]
