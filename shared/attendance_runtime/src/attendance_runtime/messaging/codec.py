"""CloudEvents 1.0 in Kafka's binary mode: attributes as `ce_*` headers, the event as JSON value.

The official SDK is an oracle in the tests and not used here: it mistakes a structured message that
repeats its attributes as headers for a binary one, and costs more than the event itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

import msgspec
import uuid_utils

from attendance_contracts.events import EVENTS, TYPE_OF, compaction_key, partition_key

SPEC_VERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"

# The brokers' own limit is 1 MiB a record. An event that no broker takes must fail the request that
# made it; in the outbox it would stand in front of everything behind it for ever.
MAX_PAYLOAD_BYTES: Final = 900_000

Headers = Iterable[tuple[str, bytes | None]]


class Unreadable(Exception):
    """A message that no version of this code could read; its text never quotes the content."""


class EventTooLarge(ValueError):
    """An event that the brokers would refuse; split the submission that made it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """An event as the outbox keeps it; the relay adds what only it knows (source, sequence)."""

    topic: str
    key: str
    record_key: str
    type: str
    payload: bytes
    headers: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the headers of a message say about it."""

    id: str
    type: str
    source: str
    sequence: int
    traceparent: str | None


def encode(event: object, *, now: datetime, traceparent: str | None) -> Encoded:
    """Turn an event into what the outbox stores; `now` is the domain time at which it is true.

    Raises:
        EventTooLarge: the brokers would refuse it.
    """
    kind = TYPE_OF[type(event)]
    payload = msgspec.json.encode(event)
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise EventTooLarge(f"{kind.type} has {len(payload)} bytes; split the submission.")
    headers = {"ce_id": str(uuid_utils.uuid7()), "ce_time": timestamp(now)}
    if traceparent is not None:
        headers["traceparent"] = traceparent
    return Encoded(
        topic=kind.topic.name,
        key=str(partition_key(event)),
        record_key=compaction_key(event),
        type=kind.type,
        payload=payload,
        headers=msgspec.json.encode(headers).decode(),
    )


def stored_headers(encoded: Encoded) -> dict[str, str]:
    """Return an encoded event's headers as the relay reads them back from the outbox."""
    return msgspec.json.decode(encoded.headers, type=dict[str, str])


def kafka_headers(
    stored: Mapping[str, str], *, type_: str, source: str, sequence: int, recorded_at: datetime
) -> list[tuple[str, bytes]]:
    """Complete an outbox row's headers: whose message it is, and which in its partition.

    `ce_sequence` is dense per topic, partition and source, zero-padded so that it also sorts as
    text; `ce_recordedtime` is the real clock of the database that stored the event.
    """
    headers = {
        "ce_specversion": SPEC_VERSION,
        "ce_type": type_,
        "ce_source": source,
        "ce_sequence": f"{sequence:019d}",
        "ce_recordedtime": timestamp(recorded_at),
        "content-type": CONTENT_TYPE,
        **stored,
    }
    return [(name, value.encode()) for name, value in headers.items()]


def open_envelope(headers: Headers) -> Envelope:
    """Read a message's headers.

    Raises:
        Unreadable: it is no CloudEvent in binary mode, or lacks source or sequence.
    """
    named = {name: value for name, value in headers if value is not None}
    try:
        # The mode is told by the content type alone; a structured message may carry `ce_*` too.
        if not named["content-type"].startswith(CONTENT_TYPE.encode()):
            raise Unreadable("The content type is not application/json.")
        if named["ce_specversion"] != SPEC_VERSION.encode():
            raise Unreadable("The CloudEvents version is not 1.0.")
        traceparent = named.get("traceparent")
        return Envelope(
            id=named["ce_id"].decode(),
            type=named["ce_type"].decode(),
            source=named["ce_source"].decode(),
            sequence=int(named["ce_sequence"]),
            traceparent=None if traceparent is None else traceparent.decode(),
        )
    except KeyError as missing:
        raise Unreadable(f"The header {missing} is missing.") from None
    except ValueError as wrong:  # bytes that are no UTF-8, a sequence that is no number
        raise Unreadable(f"A header cannot be read ({type(wrong).__name__}).") from None


def decode(type_: str, payload: bytes) -> object:
    """Read the event itself; unknown members are a newer producer's and are passed over.

    Raises:
        Unreadable: it is not JSON, or not of the promised shape. The message names the member at
            fault and never its value.
    """
    try:
        return _decoder(type_).decode(payload)
    except msgspec.DecodeError as wrong:  # ValidationError is one, too
        _, _, member = str(wrong).rpartition(" - at ")
        where = f" at {member}" if member.startswith("`$") else ""
        raise Unreadable(f"{type(wrong).__name__}{where}") from None
    except UnicodeDecodeError:
        raise Unreadable("The value is not UTF-8.") from None


def timestamp(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@cache
def _decoder(type_: str) -> msgspec.json.Decoder[object]:
    return msgspec.json.Decoder(EVENTS[type_].cls)
