"""One accepted message and its progress, as kept in memory and in the journal."""

from datetime import UTC, datetime
from typing import Literal

import msgspec

Receipt = Literal["acknowledged", "refused", "given-up", "withheld", "not-asked-for"]
"""How a delivery receipt ended: taken by the service, refused with a final 4xx, given up after
every retry, withheld by a switch, or never owed because no callback was set."""


class Message(
    msgspec.Struct, tag_field="line", tag="message", kw_only=True, gc=False, omit_defaults=True
):
    """A text or an email. Moments are epoch seconds; `recipient` is the normalised form of `to`."""

    number: int
    id: str
    reference: str | None = None
    type: Literal["sms", "email"]
    key_type: str
    to: str
    recipient: str
    template: str
    template_id: str
    subject: str | None = None
    body: str
    unsubscribe_url: str | None = None
    created_at: float
    sent_at: float | None = None
    completed_at: float | None = None
    status: str = "created"
    receipt: Receipt | None = None


class Progress(msgspec.Struct, tag_field="line", tag="progress", gc=False, omit_defaults=True):
    """The journal's line for a later change of a message: the whole of what can change."""

    id: str
    status: str
    sent_at: float | None = None
    completed_at: float | None = None
    receipt: Receipt | None = None

    @classmethod
    def of(cls, message: Message) -> "Progress":
        """What to write down about a message now."""
        return cls(
            message.id, message.status, message.sent_at, message.completed_at, message.receipt
        )


def notify_time(moment: float | None) -> str | None:
    """Notify's way to write a moment: `2026-11-20T09:42:11.000000Z`."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
