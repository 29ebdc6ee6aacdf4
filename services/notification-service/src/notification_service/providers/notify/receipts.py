"""The delivery receipts that GOV.UK Notify posts: their shape, and what their statuses mean.

Source: GOV.UK Notify, REST API documentation, "Delivery receipts" and "Status".
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec

from notification_service.messages.domain import MessageState


class Receipt(msgspec.Struct):
    """The parts of a receipt that are kept. `to`, the number or address, is not read at all."""

    id: UUID
    status: str
    reference: str | None = None


SCHEMA: Final = msgspec.json.schema(Receipt)["$defs"]["Receipt"]
EXAMPLE: Final = {
    "id": "740e5834-3a29-46b4-9a6f-16142fde533a",
    "reference": "0199f0d2-7c3e-7b6a-9d57-6a3d8f2c1b40",
    "status": "delivered",
}

decode: Final = msgspec.json.Decoder(Receipt).decode

FINAL: Final[Mapping[str, MessageState]] = {
    "delivered": MessageState.DELIVERED,
    "permanent-failure": MessageState.FAILED,
    "temporary-failure": MessageState.FAILED,
    "technical-failure": MessageState.FAILED,
}
"""The statuses that are the last, and where a message stands by each."""

_ON_ITS_WAY: Final = frozenset({"created", "sending", "pending", "sent"})
UNKNOWN: Final = "unknown"
"""Stands for every status that Notify has not told us of; all of them prove that it accepted."""


def tidy_status(status: str) -> str:
    """Return a status that we know, or `UNKNOWN`: what is kept is never the sender's own words."""
    return status if status in FINAL or status in _ON_ITS_WAY else UNKNOWN
