"""Registers that are written together: each has an outcome, and a trace, of its own."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import FirstdayError, Invalid, NotFound
from register_service.calendar.domain import SessionAt
from register_service.registers.domain import Recorded, SentMark
from register_service.registers.use_cases import RecordRegister, record_registers

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
MIS = Principal("demo-mis", "supplier:demo-mis", frozenset({"register.write"}))
STRANGER = Principal("other-mis", "supplier:other-mis", frozenset({"register.write"}))
SchoolBuilder = Callable[..., Awaitable[Any]]


def order(
    urn: str, codes: str, *, session: Session = Session.AM, sender: Principal = MIS, name: str = ""
) -> RecordRegister:
    """An order that gives MIS ids 1, 2, 3 … a code each; `name` is its class and its trace."""
    marks = [SentMark(place, "MIS_ID", str(place + 1), code) for place, code in enumerate(codes)]
    return RecordRegister(
        at=SessionAt(urn, MONDAY, session),
        class_code=name,
        marks=marks,
        sender=sender,
        keep_good=False,
        traceparent=name or None,
    )


async def record(db: SqlSession, *orders: RecordRegister) -> Sequence[Recorded | FirstdayError]:
    return await record_registers(db, orders, now=NOW)


async def stored(db: SqlSession) -> dict[str, int]:
    """How many marks of each code are kept."""
    rows = await db.execute(text("SELECT code, count(*) FROM marks GROUP BY code"))
    return {row[0]: row[1] for row in rows}


async def test_each_refusal_keeps_nothing_of_its_own_and_spoils_nothing_of_others(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    for urn in ("100001", "100002", "100003", "100004"):
        await a_school(db, urn=urn, pupils=2)
    good, not_on_roll, wrong_code, stranger, nowhere, also_good = await record(
        db,
        order("100001", "//"),
        order("100002", "N/N"),
        order("100003", "/!"),
        order("100004", "//", sender=STRANGER),
        order("999999", "//"),
        order("100004", "N/"),
    )
    assert isinstance(good, Recorded)
    assert isinstance(also_good, Recorded)
    assert isinstance(not_on_roll, Invalid)
    assert [fault.pointer for fault in not_on_roll.faults] == ["#/marks/2/mis_id"]
    assert isinstance(wrong_code, Invalid)
    assert isinstance(stranger, NotFound)
    assert isinstance(nowhere, NotFound)
    assert await stored(db) == {"/": 3, "N": 1}
    taken = await db.scalars(
        text("SELECT urn FROM registers JOIN schools ON schools.id = school_id ORDER BY urn")
    )
    assert list(taken) == ["100001", "100004"]


async def test_two_sessions_of_one_child_are_told_apart(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    await a_school(db, pupils=2)
    await record(db, order("100001", "N/"))
    morning, afternoon = await record(
        db, order("100001", "I/"), order("100001", "\\N", session=Session.PM)
    )
    assert isinstance(morning, Recorded)
    assert (morning.new, morning.changed, morning.unchanged) == (0, 1, 1)
    assert isinstance(afternoon, Recorded)
    assert (afternoon.new, afternoon.changed, afternoon.unchanged) == (2, 0, 0)


async def test_each_event_carries_the_trace_of_its_own_request(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    for urn in ("100001", "100002"):
        await a_school(db, urn=urn, pupils=1)
    await record(db, order("100001", "N", name="one"), order("100002", "N", name="two"))
    traces = await db.scalars(text("SELECT headers ->> 'traceparent' FROM outbox ORDER BY id"))
    assert list(traces) == ["one", "one", "two", "two"]


async def test_one_child_in_two_registers_of_one_session_is_refused_by_the_statement(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    """The writer then halves its batch until they are apart: neither mark is silently dropped."""
    await a_school(db, pupils=1)
    with pytest.raises(asyncpg.PostgresError, match="second time"):
        await record(db, order("100001", "N", name="4A"), order("100001", "/", name="4B"))
