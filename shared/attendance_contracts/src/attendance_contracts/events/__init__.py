"""Every event the services tell one another, as frozen dataclasses: a module for each producer.

Ids are UUIDs, moments are aware UTC datetimes in domain time. No event carries a person's name,
telephone number, address or free text. Codes and statuses still make an event personal data.
"""

from attendance_contracts.events.escalation import (
    CaseAssigned,
    CaseClosed,
    CaseOpened,
)
from attendance_contracts.events.event_type import (
    EVENTS,
    TYPE_OF,
    EventClass,
    EventType,
    compaction_key,
    event,
    partition_key,
    single_rows,
)
from attendance_contracts.events.notification import (
    ContactDelivered,
    ContactExhausted,
    ContactFailed,
    ContactSent,
)
from attendance_contracts.events.register import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceRetracted,
    AbsenceSettled,
    AbsenceWithdrawn,
    CalendarChanged,
    CareChanged,
    CareStatus,
    ContactsChanged,
    EnrolmentChanged,
    RegisterMissing,
    RegisterRecorded,
    SchoolChanged,
)

__all__ = [
    "EVENTS",
    "TYPE_OF",
    "AbsenceExplained",
    "AbsenceRecorded",
    "AbsenceRetracted",
    "AbsenceSettled",
    "AbsenceWithdrawn",
    "CalendarChanged",
    "CareChanged",
    "CareStatus",
    "CaseAssigned",
    "CaseClosed",
    "CaseOpened",
    "ContactDelivered",
    "ContactExhausted",
    "ContactFailed",
    "ContactSent",
    "ContactsChanged",
    "EnrolmentChanged",
    "EventClass",
    "EventType",
    "RegisterMissing",
    "RegisterRecorded",
    "SchoolChanged",
    "compaction_key",
    "event",
    "partition_key",
    "single_rows",
]
