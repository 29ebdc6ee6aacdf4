"""The events: a golden file for each version, which every later reader and writer must honour."""

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import get_args, get_type_hints
from uuid import UUID

import msgspec
import pytest

from attendance_contracts import events
from attendance_contracts.calendar import Session
from attendance_contracts.events import (
    EVENTS,
    TYPE_OF,
    CalendarChanged,
    EventType,
    RegisterRecorded,
    SchoolChanged,
    compaction_key,
    partition_key,
    single_rows,
)
from attendance_contracts.topics import PARTITIONS, TOPICS

GOLDEN = Path(__file__).parent / "golden"
EVERY_EVENT = pytest.mark.parametrize("entry", EVENTS.values(), ids=lambda entry: entry.type)


def golden(entry: EventType) -> bytes:
    return (GOLDEN / f"{entry.type}.json").read_bytes()


def golden_event(entry: EventType) -> object:
    return msgspec.json.decode(golden(entry), type=entry.cls)


@EVERY_EVENT
def test_a_golden_event_parses_and_is_written_the_same(entry: EventType) -> None:
    written = msgspec.json.encode(golden_event(entry))
    assert msgspec.json.format(written, indent=2) + b"\n" == golden(entry)


@EVERY_EVENT
def test_a_reader_ignores_fields_added_later(entry: EventType) -> None:
    later = json.dumps({**json.loads(golden(entry)), "added_later": [1]})
    assert msgspec.json.decode(later, type=entry.cls) == golden_event(entry)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_message_of_any_age_still_parses(path: Path) -> None:
    # "<type>~<what was added since>.json" is how an event was written before a field was added.
    entry = EVENTS[path.stem.partition("~")[0]]
    assert isinstance(msgspec.json.decode(path.read_bytes(), type=entry.cls), entry.cls)


@EVERY_EVENT
def test_an_event_is_frozen_slotted_and_built_by_name(entry: EventType) -> None:
    event = golden_event(entry)
    assert not hasattr(event, "__dict__")
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(event, entry.key, None)
    with pytest.raises(TypeError, match="positional"):
        entry.cls(event)  # type: ignore[call-arg]  # the point of the test


@EVERY_EVENT
def test_an_event_is_partitioned_by_the_id_it_names(entry: EventType) -> None:
    event = golden_event(entry)
    assert isinstance(partition_key(event), UUID)
    assert partition_key(event) == getattr(event, entry.key)
    assert compaction_key(event).startswith(str(partition_key(event)))


@EVERY_EVENT
def test_a_type_names_the_platform_a_subject_a_fact_and_a_version(entry: EventType) -> None:
    platform, subject, fact, version = entry.type.removeprefix("uk.").split(".")
    assert platform == "firstday"
    assert f"{subject}{fact}" == entry.cls.__name__.lower()
    assert version == "v1"
    assert TYPE_OF[entry.cls] is entry


@EVERY_EVENT
def test_every_moment_is_read_as_an_aware_one(entry: EventType) -> None:
    for name, hint in get_type_hints(entry.cls).items():
        if hint is dt.datetime:
            moment = getattr(golden_event(entry), name)
            assert moment.utcoffset() == dt.timedelta(0)


def test_a_calendar_never_erases_its_school_nor_another_year() -> None:
    school = golden_event(TYPE_OF[SchoolChanged])
    calendar = golden_event(TYPE_OF[CalendarChanged])
    assert isinstance(calendar, CalendarChanged)
    next_year = dataclasses.replace(calendar, school_year=2027)
    assert compaction_key(school) == str(partition_key(school))
    assert compaction_key(calendar) == f"{calendar.school_id}/calendar/2026"
    assert len({compaction_key(one) for one in (school, calendar, next_year)}) == 3
    assert partition_key(school) == partition_key(calendar) == partition_key(next_year)


def test_no_two_events_of_a_compacted_topic_share_a_record_key() -> None:
    compacted = [entry for entry in EVENTS.values() if entry.topic.cleanup == "compact"]
    assert len({(entry.topic.name, entry.compaction) for entry in compacted}) == len(compacted)


def test_a_register_is_cut_into_its_marks() -> None:
    whole = RegisterRecorded(
        school_id=UUID(int=1),
        date=dt.date(2026, 9, 7),
        session=Session.AM,
        recorded_at=dt.datetime(2026, 9, 7, 8, tzinfo=dt.UTC),
        enrolments=(UUID(int=2), UUID(int=3)),
        codes=("N", "/"),
        previous=("/", None),
        minutes_late=None,
    )

    first, second = single_rows(whole)

    assert (first.enrolments, first.codes, first.previous) == ((UUID(int=2),), ("N",), ("/",))
    assert (second.enrolments, second.codes, second.previous) == ((UUID(int=3),), ("/",), (None,))
    assert {first.school_id, second.school_id} == {whole.school_id}


def test_columns_of_unequal_length_are_not_cut() -> None:
    absences = golden_event(TYPE_OF[events.AbsenceRecorded])
    assert isinstance(absences, events.AbsenceRecorded)

    with pytest.raises(ValueError, match="zip"):
        single_rows(dataclasses.replace(absences, children=absences.children[:1]))


def test_an_absence_never_carries_a_code() -> None:
    absences = [
        events.AbsenceRecorded,
        events.AbsenceExplained,
        events.AbsenceSettled,
        events.AbsenceRetracted,
        events.AbsenceWithdrawn,
    ]
    fields = [set(get_type_hints(cls)) for cls in absences]
    assert all(one == fields[0] for one in fields)
    assert not any("code" in name for name in fields[0])
    assert [get_args(get_type_hints(cls)["state"]) for cls in absences] == [
        ("unexplained", "explained"),
        ("explained",),
        ("settled",),
        ("retracted",),
        ("withdrawn",),
    ]


def test_every_topic_has_events_and_the_same_partitions() -> None:
    assert {entry.topic for entry in EVENTS.values()} == set(TOPICS)
    assert {topic.partitions for topic in TOPICS} == {PARTITIONS}
    assert {topic.name for topic in TOPICS if topic.cleanup == "compact"} == {
        "attendance.roll.v1",
        "attendance.schools.v1",
        "attendance.care.v1",
    }
