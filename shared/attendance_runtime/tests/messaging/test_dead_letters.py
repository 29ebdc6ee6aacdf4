"""Unreadable messages and bugs: the stream goes on, and only the culprit stays behind."""

import asyncio
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Unavailable
from attendance_runtime.messaging import dead_letters, dispatch
from attendance_runtime.messaging.dead_letters import WHOLE, Letter, Resynced
from attendance_runtime.messaging.patience import GaveUp

from .faults_made import connection_killed_at
from .stage import QUICK_CONSUMER, Stage, append_effects, running, until

Headers = list[tuple[str, bytes]]


def without(headers: Headers, name: str) -> Headers:
    """Return headers with one left out."""
    return [(found, value) for found, value in headers if found != name]


def with_header(headers: Headers, name: str, value: bytes) -> Headers:
    """Return headers with one replaced."""
    return [*without(headers, name), (name, value)]


async def letters_of(stage: Stage) -> list[Letter]:
    """Return the unresolved letters of the stage's group."""
    async with stage.database.transaction() as db:
        return await dead_letters.unresolved(db, stage.group)


async def fails_at_13(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
    """Append effects, with a bug that quotes what it saw."""
    await append_effects(db, events, now=now)
    for made in events:
        if made.number == 13:
            raise ValueError(f"Jordan Example cannot be {made.number}")


# --- unreadable ---------------------------------------------------------------------------------

SECRET = b'{"subject_id": "Jordan Example", "number": "07700 900123"'


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        pytest.param("good", SECRET, id="no JSON"),
        pytest.param("good", SECRET + b"}", id="another shape"),
        pytest.param("good", b"\xff\xfe", id="no text"),
        pytest.param("none", b"hello", id="no headers"),
        pytest.param("no source", b"{}", id="no source"),
        pytest.param("structured", b"{}", id="structured mode"),
        pytest.param("odd sequence", b"{}", id="a sequence that is no number"),
    ],
)
async def test_an_unreadable_message_becomes_a_letter_and_the_stream_goes_on(
    stage: Stage, headers: str, value: bytes
) -> None:
    good = stage.headers(2)
    made = {
        "good": good,
        "none": [],
        "no source": without(good, "ce_source"),
        "structured": with_header(good, "content-type", b"application/cloudevents+json"),
        "odd sequence": with_header(good, "ce_sequence", b"second"),
    }
    await stage.put([1])
    await stage.put_raw([(made[headers], value)])
    await stage.put([3 if headers == "good" else 2])
    with capture_logs() as logs:
        async with running(stage.consumer()):
            await until(lambda: _has_effects(stage, 2))
    [letter] = await letters_of(stage)
    assert (letter.lane.topic, letter.lane.partition, letter.offset) == (stage.topic.name, 0, 1)
    assert letter.kind == "unreadable"
    assert letter.key == "key"
    everything = f"{letter} {logs}"
    assert "Jordan" not in everything
    assert "07700" not in everything


async def test_a_type_nobody_asks_for_is_passed_over_and_its_number_counts(stage: Stage) -> None:
    other = with_header(stage.headers(2), "ce_type", b"uk.firstday.something.else.v9")
    await stage.put([1])
    await stage.put_raw([(other, b"not even JSON")])
    await stage.put([3])
    async with running(stage.consumer()):
        await until(lambda: _has_effects(stage, 2))
    assert await stage.numbers() == [1, 3]
    assert await letters_of(stage) == []


async def test_letter_and_offset_are_stored_together_or_not_at_all(stage: Stage) -> None:
    await stage.put_raw([(stage.headers(1), b"not JSON")])
    consumer = stage.consumer(settings=replace(QUICK_CONSUMER, retry_budget_seconds=0.3))
    with connection_killed_at("UPDATE consumer_offset", times=1000), pytest.raises(GaveUp):
        await asyncio.wait_for(consumer.run(asyncio.Event()), 20)
    assert await letters_of(stage) == []
    async with running(stage.consumer()):
        await until(lambda: _has_letters(stage, 1))


# --- bugs ---------------------------------------------------------------------------------------


async def test_a_bug_with_one_event_parks_that_event_alone(stage: Stage) -> None:
    await stage.put(range(1, 31))
    with capture_logs() as logs:
        async with running(stage.consumer(stage.route(fails_at_13))):
            await until(lambda: _has_effects(stage, 29))
    assert await stage.numbers() == [number for number in range(1, 31) if number != 13]
    [letter] = await letters_of(stage)
    assert (letter.kind, letter.offset, letter.part) == ("parked", 12, WHOLE)
    assert letter.route == "fails_at_13"
    assert letter.error.startswith("ValueError in ")
    assert "fails_at_13" in letter.error
    assert "Jordan" not in f"{letter} {logs}"


async def test_a_route_that_fails_keeps_no_other_route_from_its_events(stage: Stage) -> None:
    async def second(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
        shifted = [replace(made, number=made.number + 100) for made in events]
        await append_effects(db, shifted, now=now)

    await stage.put([12, 13, 14])
    async with running(stage.consumer(stage.route(fails_at_13), stage.route(second))):
        await until(lambda: _has_effects(stage, 5))
    assert await stage.numbers() == [12, 14, 112, 113, 114]


async def test_routes_run_in_the_order_in_which_they_are_listed(stage: Stage) -> None:
    ran: list[str] = []

    async def first(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
        ran.append("first")
        await append_effects(db, events, now=now)

    async def second(*_: object, **__: object) -> None:
        ran.append("second")

    await stage.put([1])
    async with running(stage.consumer(stage.route(first), stage.route(second))):
        await until(lambda: _has_effects(stage, 1))
    assert ran == ["first", "second"]


async def test_an_event_that_can_be_split_loses_only_its_bad_part(stage: Stage) -> None:
    """A register with one impossible mark is a register without that mark, in its old place."""

    def into_tens(made: Any) -> list[Any]:  # the stage's own event class
        return [replace(made, number=10 * made.number + part) for part in range(5)]

    async def parts_only(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
        await append_effects(db, events, now=now)
        if any(made.number in {3, 32} for made in events):
            raise LookupError

    await stage.put([1, 2, 3, 4, 5])
    async with running(stage.consumer(stage.route(parts_only, split=into_tens))):
        await until(lambda: _has_effects(stage, 8))
    assert await stage.numbers() == [1, 2, 30, 31, 33, 34, 4, 5]
    [letter] = await letters_of(stage)
    assert (letter.offset, letter.part) == (2, 2)


async def test_transient_trouble_while_looking_for_a_culprit_parks_nobody(stage: Stage) -> None:
    calls = 0

    async def both(db: SqlSession, events: Sequence[Any], *, now: datetime) -> None:
        nonlocal calls
        calls += 1
        if 1 < calls < 6:  # the batch fails by its bug, and then the database is away
            raise Unavailable("The database is away.")
        await fails_at_13(db, events, now=now)

    await stage.put([11, 12, 13, 14])
    async with running(stage.consumer(stage.route(both))):
        await until(lambda: _has_effects(stage, 3))
    assert await stage.numbers() == [11, 12, 14]
    assert len(await letters_of(stage)) == 1


async def test_a_broken_release_waits_instead_of_parking_everything(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError

    monkeypatch.setattr(dispatch, "MOST_PARKED", 5)
    await stage.put(range(1, 21))
    settings = replace(QUICK_CONSUMER, retry_budget_seconds=0.3)
    with pytest.raises(GaveUp):
        await asyncio.wait_for(
            stage.consumer(stage.route(broken), settings=settings).run(asyncio.Event()), 20
        )
    assert await letters_of(stage) == []


# --- after a letter -----------------------------------------------------------------------------


async def test_keys_with_unresolved_letters_are_incomplete(stage: Stage) -> None:
    await stage.put([13])
    async with running(stage.consumer(stage.route(fails_at_13))):
        await until(lambda: stage.count("dead_letter"))
    async with stage.database.transaction() as db:
        assert await dead_letters.incomplete_keys(db, ["key", "another"]) == {"key"}
        [letter] = await dead_letters.unresolved(db, stage.group)
        await dead_letters.resolve(db, [letter.id])
        assert await dead_letters.incomplete_keys(db, ["key", "another"]) == set()


async def test_a_resync_settles_what_it_can_and_leaves_the_rest(stage: Stage) -> None:
    await stage.put([13])
    await stage.put_raw([(stage.headers(14), b"not JSON")], key=b"another")
    async with running(stage.consumer(stage.route(fails_at_13))):
        await until(lambda: _has_letters(stage, 2))

    async def resync(db: SqlSession, letter: Letter) -> None:
        await append_effects(db, stage.events([130]), now=letter.created_at)
        if letter.kind == "unreadable":
            raise ConnectionError

    assert await dead_letters.resync_all(stage.database, stage.group, resync) == Resynced(1, 1)
    assert await stage.numbers() == [130], "the failed one took its effect back"
    assert [letter.kind for letter in await letters_of(stage)] == ["unreadable"]


async def test_letters_about_one_thing_are_settled_together(stage: Stage) -> None:
    await stage.put([13])
    await stage.put_raw([(stage.headers(14), b"not JSON"), (stage.headers(15), b"nor this")])
    async with running(stage.consumer(stage.route(fails_at_13))):
        await until(lambda: _has_letters(stage, 3))
    settled: list[int] = []

    async def resync(_: SqlSession, letter: Letter) -> None:
        settled.append(letter.id)

    assert await dead_letters.resync_all(stage.database, stage.group, resync) == Resynced(3, 0)
    assert settled == [1], "the first speaks for all"
    assert await letters_of(stage) == []


async def test_a_fault_met_again_opens_its_letter_anew(stage: Stage) -> None:
    await stage.put([13])
    async with running(stage.consumer(stage.route(fails_at_13))):
        await until(lambda: _has_letters(stage, 1))
    async with stage.database.transaction() as db:
        await dead_letters.resolve(db, [1])
        await db.execute(text("TRUNCATE consumer_offset, consumer_sequence"))
    async with running(stage.consumer(stage.route(fails_at_13))):
        await until(lambda: _has_letters(stage, 1))


def test_a_letter_has_no_room_for_content() -> None:
    assert {each.name for each in fields(Letter)}.isdisjoint({"payload", "value", "event"})


async def _has_effects(stage: Stage, count: int) -> bool:
    return await stage.count("effect") >= count


async def _has_letters(stage: Stage, count: int) -> bool:
    return len(await letters_of(stage)) >= count
