"""The sender's statements: what it takes in hand, and what waits for it."""

from notification_service.sending.repository.claims import (
    CLAIM,
    SCHOOLS_A_CLAIM,
    Unaccounted,
    claim_due,
    claim_unknown,
    keep_addresses,
)
from notification_service.sending.repository.overdue import OVERDUE

__all__ = [
    "CLAIM",
    "OVERDUE",
    "SCHOOLS_A_CLAIM",
    "Unaccounted",
    "claim_due",
    "claim_unknown",
    "keep_addresses",
]
