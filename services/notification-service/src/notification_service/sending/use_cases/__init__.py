"""Claim, ask, hand over, record; and find out what became of what nobody accounts for."""

from notification_service.sending.use_cases.desk import Desk, Lease
from notification_service.sending.use_cases.reconciling import reconcile
from notification_service.sending.use_cases.recording import record
from notification_service.sending.use_cases.sending import (
    ask_register,
    claim_due,
    hand_over,
    keep_addresses,
    send_claimed,
    send_due,
)

__all__ = [
    "Desk",
    "Lease",
    "ask_register",
    "claim_due",
    "hand_over",
    "keep_addresses",
    "reconcile",
    "record",
    "send_claimed",
    "send_due",
]
