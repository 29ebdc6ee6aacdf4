"""Announcing: with the change or not at all, in order, with the trace of the work in hand."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from attendance_runtime.messaging import outbox
from attendance_runtime.telemetry import traced

from .stage import NINE, Stage


async def test_events_get_ids_in_the_order_in_which_they_are_given(stage: Stage) -> None:
    async with stage.database.transaction() as db:
        await outbox.announce(db, stage.events(range(50)), now=NINE)
    async with stage.database.transaction() as db:
        rows = await db.execute(text("SELECT payload FROM outbox ORDER BY id"))
        numbers = [b'"number":%d,' % number in row for number, row in enumerate(rows.scalars())]
    assert numbers == [True] * 50


async def test_an_event_of_a_change_that_is_rolled_back_is_never_announced(stage: Stage) -> None:
    async def change_and_fail() -> None:
        async with stage.database.transaction() as db:
            await outbox.announce(db, stage.events([1]), now=NINE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_and_fail()
    assert await stage.count("outbox") == 0


async def test_nothing_to_say_writes_nothing(stage: Stage) -> None:
    async with stage.database.transaction() as db:
        await outbox.announce(db, [], now=NINE)
    assert await stage.count("outbox") == 0


async def test_a_row_keeps_domain_time_real_time_and_the_trace_apart(stage: Stage) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    with traced("request", f"00-{trace}-b7ad6b7169203331-01"):
        async with stage.database.transaction() as db:
            await outbox.announce(db, stage.events([1]), now=NINE)
    async with stage.database.transaction() as db:
        row = (await db.execute(text("SELECT * FROM outbox"))).one()
        really = (await db.execute(text("SELECT clock_timestamp()"))).scalar_one()
    assert row.headers["ce_time"] == "2026-09-07T09:00:00Z"
    assert trace in row.headers["traceparent"]
    assert timedelta(0) <= really - row.created_at < timedelta(minutes=1)
    assert row.key == row.record_key


async def test_outside_of_any_trace_there_is_no_trace_header(stage: Stage) -> None:
    async with stage.database.transaction() as db:
        await outbox.announce(db, stage.events([1]), now=datetime(2026, 9, 7, tzinfo=UTC))
        headers = (await db.execute(text("SELECT headers FROM outbox"))).scalar_one()
    assert set(headers) == {"ce_id", "ce_time"}
