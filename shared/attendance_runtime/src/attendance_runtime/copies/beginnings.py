"""Sessions that marks are planned for: a service is told when they begin, and counts them then.

Nobody sends anything at that moment. A timer stands for each school's session that has planned
marks, due when it begins by the school's settings; changed settings move it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.counting import SchoolHours, SessionAhead
from attendance_contracts.events import SchoolChanged
from attendance_runtime.database import SqlSession
from attendance_runtime.timers import Timer, set_timers

SESSION_BEGINS: Final = "session.begins"
"""The timer of a session that somebody's marks are planned for."""

_VERSION: Final = 1  # What a timer says is compared with the settings when it fires.


async def await_sessions(db: SqlSession, begins: Mapping[SessionAhead, datetime]) -> None:
    """Let a timer fire when each of these sessions begins; one that stands moves there."""
    await set_timers(
        db,
        [
            Timer(
                kind=SESSION_BEGINS,
                subject=f"{ahead.school_id} {ahead.day} {ahead.session}",
                about=str(ahead.school_id),
                due_at=begins_at,
                version=_VERSION,
            )
            for ahead, begins_at in begins.items()
        ],
    )


def sessions_of(timers: Sequence[Timer]) -> list[SessionAhead]:
    """Return the sessions that these timers were set for."""
    return [_session(timer.subject) for timer in timers]


async def move_sessions(db: SqlSession, schools: Iterable[SchoolChanged]) -> None:
    """Let the sessions awaited at these schools begin by their hours of now.

    A timer that a worker is acting on is passed over: it waits for the school's turn, and then sees
    the hours by itself.
    """
    hours = {one.school_id: SchoolHours(one.am_starts_at, one.pm_starts_at) for one in schools}
    found = await db.scalars(
        text("""
            SELECT subject FROM timers
            WHERE kind = :kind AND about = ANY(CAST(:schools AS text[]))
            FOR UPDATE SKIP LOCKED
        """),
        {"kind": SESSION_BEGINS, "schools": [str(school_id) for school_id in hours]},
    )
    awaited = [_session(subject) for subject in found]
    begins = {one: hours[one.school_id].begins_at(one.day, one.session) for one in awaited}
    await await_sessions(db, begins)


def _session(subject: str) -> SessionAhead:
    school_id, day, half = subject.split()
    return SessionAhead(UUID(school_id), date.fromisoformat(day), Session(half))
