"""What is heard of absences, what follows from it, and what is read of both."""

from notification_service.contacts.use_cases.calls import RecordCall, record_call
from notification_service.contacts.use_cases.episodes import (
    apply_absences,
    look_again,
    replan_schools,
)
from notification_service.contacts.use_cases.following import PURPOSES
from notification_service.contacts.use_cases.reading import (
    Asked,
    Page,
    read_calls_for,
    read_contacts_for,
    read_episode_for,
)

__all__ = [
    "PURPOSES",
    "Asked",
    "Page",
    "RecordCall",
    "apply_absences",
    "look_again",
    "read_calls_for",
    "read_contacts_for",
    "read_episode_for",
    "record_call",
    "replan_schools",
]
