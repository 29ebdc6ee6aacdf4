"""A Kafka record in the service's own terms: where it stood, who sent it, what it says."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from attendance_runtime.messaging import codec
from attendance_runtime.messaging.codec import Envelope, Unreadable
from attendance_runtime.messaging.lanes import Lane


class Record(Protocol):
    """What we use of aiokafka's `ConsumerRecord`, which is published without types."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record, read as far as it can be.

    Attributes:
        envelope: None if the headers could not be read.
        event: None if nobody here asks for its type, it is a tombstone, or it is unreadable.
        unreadable: why it could not be read, without content.
    """

    lane: Lane
    offset: int
    key: str
    envelope: Envelope | None
    event: object | None
    unreadable: str | None


def read_record(record: Record, routed_types: Collection[str]) -> Delivery:
    """Read a record; an unreadable one becomes a delivery that says so."""
    lane = Lane(record.topic, record.partition)
    key = (record.key or b"").decode(errors="replace")
    envelope = None
    try:
        envelope = codec.open_envelope(record.headers)
        # A type without a route is not decoded, yet it has a number like every other.
        # A tombstone (no value) says that compaction may forget a key; no effect hangs on it.
        routed = envelope.type in routed_types and record.value is not None
        event = codec.decode(envelope.type, record.value or b"") if routed else None
    except Unreadable as reason:
        return Delivery(lane, record.offset, key, envelope, None, str(reason))
    return Delivery(lane, record.offset, key, envelope, event, None)
