"""What is heard of absences, what follows from it, and what is read of both."""

from notification_service.contacts.use_cases.calls import RecordCall, day_for, record_call
from notification_service.contacts.use_cases.episodes import (
    apply_absences,
    look_again,
    replan_schools,
)
from notification_service.contacts.use_cases.following import PURPOSES

__all__ = [
    "PURPOSES",
    "RecordCall",
    "apply_absences",
    "day_for",
    "look_again",
    "record_call",
    "replan_schools",
]
