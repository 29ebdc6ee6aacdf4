"""A lane is one partition of one topic: the unit in which order is kept."""

import zlib
from typing import NamedTuple


class Lane(NamedTuple):
    """One partition of one topic; equal to Kafka's own `TopicPartition` of the same two."""

    topic: str
    partition: int

    def __str__(self) -> str:
        """Name it as people do, in logs and on the command line: `attendance.registers.v1/3`."""
        return f"{self.topic}/{self.partition}"


def lane_of(topic: str, key: str, partitions: int) -> Lane:
    """Return the lane of a key: the same for ever, since partitions are never added."""
    return Lane(topic, zlib.crc32(key.encode()) % partitions)
