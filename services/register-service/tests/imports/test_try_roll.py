"""A load that is only tried: it stops after the plan, and says what the load would have done."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import NotFound
from attendance_testing.counting import statements
from register_service.imports.use_cases import load_roll, try_roll
from register_service.lines.domain import State

from .rolls import LINE, OTHER

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MIS = Principal("demo-mis", "supplier:demo-mis", frozenset({"roll.write"}))
LINES = {
    1: replace(LINE, mis_id="901"),
    2: replace(OTHER, mis_id="902", surname=""),
    3: replace(OTHER, mis_id="902"),
}
WRITES = ("INSERT", "UPDATE", "DELETE", "FOR NO KEY UPDATE")


async def test_a_try_writes_and_locks_nothing_and_says_what_the_load_then_does(
    db: SqlSession, a_school: Callable[..., Awaitable[Any]]
) -> None:
    await a_school(db)
    with statements() as sent:
        tried = await try_roll(db, MIS, "100001", LINES, now=NOW)
    assert [one for one in sent if any(word in one for word in WRITES)] == []
    assert await db.scalar(text("SELECT count(*) FROM upns")) == 0
    loaded = await load_roll(db, MIS, "100001", LINES, now=NOW)
    assert [(one.number, one.state, one.faults, one.warnings) for one in tried] == [
        (one.number, one.state, one.faults, one.warnings) for one in loaded
    ]
    assert sorted((one.number, one.state) for one in tried) == [
        (1, State.CREATED),
        (2, State.REFUSED),
        (3, State.REFUSED),  # two lines of one UPN say different surnames
    ]
    [again, *_] = await try_roll(db, MIS, "100001", {1: LINES[1]}, now=NOW)
    assert again.state is State.UNCHANGED


async def test_only_who_may_load_a_roll_may_try_one(
    db: SqlSession, a_school: Callable[..., Awaitable[Any]]
) -> None:
    await a_school(db)
    stranger = Principal("other-mis", "supplier:other-mis", frozenset({"roll.write"}))
    with pytest.raises(NotFound):
        await try_roll(db, stranger, "100001", LINES, now=NOW)
