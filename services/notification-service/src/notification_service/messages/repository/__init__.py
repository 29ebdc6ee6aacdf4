"""Every statement on messages but the sender's claims, each named for the question it answers."""

from notification_service.messages.repository.planning import (
    cancel,
    lock_rounds,
    on_record,
    plan,
    sent_about,
)
from notification_service.messages.repository.states import lock, save_states

__all__ = ["cancel", "lock", "lock_rounds", "on_record", "plan", "save_states", "sent_about"]
