"""The Kafka topics of the platform: name, clean-up policy and a partition count fixed up front.

Partitions are never added later: that would move keys and break their order.
"""

from dataclasses import dataclass
from typing import Final, Literal

PARTITIONS: Final = 12

DELETE_RETENTION_DAYS: Final = 14
"""How long a `delete` topic keeps an event; nothing depends on replay from the beginning."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic: `delete` keeps a stream of facts, `compact` the newest state per key."""

    name: str
    cleanup: Literal["delete", "compact"]
    partitions: int = PARTITIONS


REGISTERS: Final = Topic("attendance.registers.v1", "delete")
ABSENCES: Final = Topic("attendance.absences.v1", "delete")
ROLL: Final = Topic("attendance.roll.v1", "compact")
SCHOOLS: Final = Topic("attendance.schools.v1", "compact")
CARE: Final = Topic("attendance.care.v1", "compact")
NOTIFICATIONS: Final = Topic("attendance.notifications.v1", "delete")
INTERVENTIONS: Final = Topic("attendance.interventions.v1", "delete")

TOPICS: Final = (REGISTERS, ABSENCES, ROLL, SCHOOLS, CARE, NOTIFICATIONS, INTERVENTIONS)
