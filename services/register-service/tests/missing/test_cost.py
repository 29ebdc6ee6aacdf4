"""What a look costs, counted and never timed: many schools are due at the same second."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from register_service.missing.domain import Look, place_of
from register_service.missing.repository import any_marks

SchoolBuilder = Callable[..., Awaitable[Any]]

_MARKS_LOOKED_UP = """
    SELECT sum(pg_stat_get_xact_numscans(indexrelid)) FROM pg_index
    WHERE indrelid IN (SELECT relid FROM pg_partition_tree('marks'))
"""


async def test_no_child_is_asked_for_where_no_register_has_come(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    due = [Look(school.id, place_of(date(2026, 9, 7), Session.AM))]
    before = await db.scalar(text(_MARKS_LOOKED_UP))

    assert await any_marks(db, due) == [(due[0], None)]

    assert await db.scalar(text(_MARKS_LOOKED_UP)) == before
