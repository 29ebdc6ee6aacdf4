"""What notification-service tells: the fate of each message."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from attendance_contracts.events.event_type import event
from attendance_contracts.topics import NOTIFICATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contact:
    message_id: UUID
    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    date: dt.date
    kind: Literal["first", "correction"]
    channel: Literal["sms", "email"]
    recorded_at: dt.datetime


@event("uk.firstday.contact.sent.v1", topic=NOTIFICATIONS, key="child_id")
class ContactSent(_Contact):
    """The provider accepted a message about this child's day.

    Produced by notification; consumed by register, escalation, reporting.
    """


@event("uk.firstday.contact.delivered.v1", topic=NOTIFICATIONS, key="child_id")
class ContactDelivered(_Contact):
    """The provider reports that the message reached the telephone or mailbox.

    Produced by notification; consumed by register, escalation, reporting.
    """


@event("uk.firstday.contact.failed.v1", topic=NOTIFICATIONS, key="child_id")
class ContactFailed(_Contact):
    """The message will not arrive: the provider refused it or gave up.

    Produced by notification; consumed by register, escalation, reporting.
    """
