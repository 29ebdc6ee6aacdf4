"""What notification-service tells: the fate of each message, and whose family nobody could tell."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from attendance_contracts.events.event_type import event
from attendance_contracts.topics import NOTIFICATIONS


# In columns: the messages about a school's day that fared alike at the same moment, one row each.
@dataclass(frozen=True, slots=True, kw_only=True)
class _Contact:
    school_id: UUID
    date: dt.date
    kind: Literal["first", "correction"]
    channel: Literal["sms", "email"]
    recorded_at: dt.datetime
    messages: tuple[UUID, ...]
    enrolments: tuple[UUID, ...]
    children: tuple[UUID, ...]


@event("uk.firstday.contact.sent.v1", topic=NOTIFICATIONS, key="school_id")
class ContactSent(_Contact):
    """The provider accepted a message about each child's day."""


@event("uk.firstday.contact.delivered.v1", topic=NOTIFICATIONS, key="school_id")
class ContactDelivered(_Contact):
    """The provider reports that each message reached the telephone or mailbox."""


@event("uk.firstday.contact.failed.v1", topic=NOTIFICATIONS, key="school_id")
class ContactFailed(_Contact):
    """The messages will not arrive: the provider refused them or gave up."""


# In columns, like the others: the children of a school's day.
@event("uk.firstday.contact.exhausted.v1", topic=NOTIFICATIONS, key="school_id")
class ContactExhausted:
    """Nobody was told of each child's absence, and nobody is left who may be: the school must act.

    Either no contact may be told at all, or a message to each of them failed. A later
    `contact.sent` about the same child's day is the answer to it.
    """

    school_id: UUID
    date: dt.date
    recorded_at: dt.datetime
    enrolments: tuple[UUID, ...]
    children: tuple[UUID, ...]
