"""Every statement on episodes, each named for the question it answers."""

from notification_service.contacts.repository.days import (
    contacted_day,
    contacted_days,
    days_not_corrected,
    save_call,
)
from notification_service.contacts.repository.episodes import (
    lock_episodes,
    lock_episodes_at,
    lock_episodes_of,
    lock_unsent_episodes,
    note_exhausted,
    save_episodes,
)

__all__ = [
    "contacted_day",
    "contacted_days",
    "days_not_corrected",
    "lock_episodes",
    "lock_episodes_at",
    "lock_episodes_of",
    "lock_unsent_episodes",
    "note_exhausted",
    "save_call",
    "save_episodes",
]
