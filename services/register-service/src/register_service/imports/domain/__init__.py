"""What a school's MIS sends of its roll, line by line, and what the register makes of it.

A load says what holds after it. The natural keys are the UPN for a pupil of the school, and pupil
and starting day for an enrolment; both may be corrected, and their old values are kept (ADR 27).
"""

from register_service.imports.domain.entries import (
    Entry,
    contacts_of,
    enrolments_newly_reached,
    facts_changed,
    guesses_refused,
    upns_of,
)
from register_service.imports.domain.known import Known, Load, Place
from register_service.imports.domain.lines import (
    Checked,
    RollLine,
    check_line,
    check_lines,
    good_lines,
)
from register_service.imports.domain.plan import plan_roll

__all__ = [
    "Checked",
    "Entry",
    "Known",
    "Load",
    "Place",
    "RollLine",
    "check_line",
    "check_lines",
    "contacts_of",
    "enrolments_newly_reached",
    "facts_changed",
    "good_lines",
    "guesses_refused",
    "plan_roll",
    "upns_of",
]
