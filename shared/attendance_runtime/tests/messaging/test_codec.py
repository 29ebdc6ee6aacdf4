"""CloudEvents in binary mode, with the official SDK as judge."""

import dataclasses
import datetime as dt
import types
import typing
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session
from attendance_contracts.events import EVENTS, AbsenceRecorded, RegisterRecorded
from attendance_runtime.messaging import codec
from attendance_runtime.messaging.codec import EventTooLarge, Unreadable

NOW = dt.datetime(2026, 9, 7, 9, 31, tzinfo=dt.UTC)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

ABSENCE = AbsenceRecorded(
    school_id=UUID(int=3),
    date=dt.date(2026, 9, 7),
    session=Session.AM,
    recorded_at=NOW,
    enrolments=(UUID(int=2),),
    children=(UUID(int=1),),
    state="unexplained",
)


def headers_of(event: object, *, sequence: int = 1) -> list[tuple[str, bytes]]:
    """Return the headers that outbox and relay together give an event."""
    encoded = codec.encode(event, now=NOW, traceparent=TRACEPARENT)
    return codec.kafka_headers(
        codec.stored_headers(encoded),
        type_=encoded.type,
        source="urn:firstday:register-service",
        sequence=sequence,
        recorded_at=NOW,
    )


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Return values of a field's type, as a producer could give them."""
    arguments = typing.get_args(annotation)
    if annotation is dt.datetime:
        return st.datetimes(timezones=st.just(dt.UTC))
    if annotation is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return instances_of(annotation)
    if typing.get_origin(annotation) is tuple:
        return st.lists(values_of(arguments[0]), max_size=5).map(tuple)
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return st.one_of([values_of(each) for each in arguments])
    return st.from_type(annotation)


def instances_of(cls: type) -> st.SearchStrategy[Any]:
    """Return instances of a dataclass."""
    hints = typing.get_type_hints(cls)
    return st.builds(
        cls, **{each.name: values_of(hints[each.name]) for each in dataclasses.fields(cls)}
    )


@given(data=st.data(), type_=st.sampled_from(sorted(EVENTS)))
def test_every_event_is_read_as_it_was_written(data: st.DataObject, type_: str) -> None:
    event = data.draw(instances_of(EVENTS[type_].cls))
    encoded = codec.encode(event, now=NOW, traceparent=None)
    assert encoded.type == type_
    assert codec.decode(encoded.type, encoded.payload) == event


def test_the_official_sdk_reads_our_messages() -> None:
    encoded = codec.encode(ABSENCE, now=NOW, traceparent=TRACEPARENT)
    message = KafkaMessage(dict(headers_of(ABSENCE)), encoded.record_key, encoded.payload)
    read = from_kafka_event(message)
    assert read.get_type() == "uk.firstday.absence.recorded.v1"
    assert read.get_source() == "urn:firstday:register-service"
    assert read.get_specversion() == "1.0"
    assert read.get_time() == NOW
    assert read.get_subject() is None
    assert read.get_datacontenttype() == "application/json"
    assert UUID(read.get_id()).version == 7
    assert read.get_extension("sequence") == f"{1:019d}"
    assert read.get_extension("recordedtime") == "2026-09-07T09:31:00Z"
    data = read.get_data()
    assert isinstance(data, dict)
    assert data["children"] == [str(UUID(int=1))]
    assert data["session"] == "AM"


def test_an_envelope_is_read_as_it_was_written() -> None:
    envelope = codec.open_envelope(headers_of(ABSENCE, sequence=41))
    assert envelope.type == "uk.firstday.absence.recorded.v1"
    assert envelope.source == "urn:firstday:register-service"
    assert envelope.sequence == 41
    assert envelope.traceparent == TRACEPARENT


@pytest.mark.parametrize(
    "name",
    ["content-type", "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_sequence"],
)
def test_a_message_without_a_needed_header_is_unreadable(name: str) -> None:
    headers = [(found, value) for found, value in headers_of(ABSENCE) if found != name]
    with pytest.raises(Unreadable, match=name):
        codec.open_envelope(headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-type", b"application/cloudevents+json; charset=UTF-8"),
        ("content-type", b"application/avro"),
        ("ce_specversion", b"0.3"),
        ("ce_sequence", b"first"),
        ("ce_source", b"\xff"),
    ],
)
def test_a_message_in_another_form_is_unreadable(name: str, value: bytes) -> None:
    """A structured message may repeat its attributes as headers: the content type decides."""
    headers = [(found, kept) for found, kept in headers_of(ABSENCE) if found != name]
    with pytest.raises(Unreadable):
        codec.open_envelope([*headers, (name, value)])


@pytest.mark.parametrize(
    "payload",
    [
        b'{"child_id": "Jordan Example"}',
        b'{"session": "Jordan Example"}',
        b'["Jordan Example"]',
        b'"Jordan Example',
        b"\xff Jordan Example",
        b"",
    ],
)
def test_why_an_event_is_unreadable_is_said_without_its_content(payload: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        codec.decode("uk.firstday.absence.recorded.v1", payload)
    assert "Jordan" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_member_that_a_newer_producer_added_is_passed_over() -> None:
    encoded = codec.encode(ABSENCE, now=NOW, traceparent=None)
    newer = encoded.payload.removesuffix(b"}") + b',"added_later":1}'
    assert codec.decode(encoded.type, newer) == ABSENCE


def test_an_event_that_no_broker_takes_fails_the_request_that_made_it() -> None:
    children = tuple(UUID(int=number) for number in range(40_000))
    event = RegisterRecorded(
        school_id=UUID(int=3),
        date=dt.date(2026, 9, 7),
        session=Session.AM,
        recorded_at=NOW,
        enrolments=children,
        codes=("/",) * len(children),
        previous=None,
        minutes_late=None,
    )
    with pytest.raises(EventTooLarge):
        codec.encode(event, now=NOW, traceparent=None)
