"""Timers: rows that say when something is to be looked at, in domain time.

A use case sets a timer in the transaction that makes it necessary. A worker claims what is due and
acts in one transaction, so that a timer fires once, however many workers there are and wherever one
of them dies. What was due while everything was down fires when it is up again.

| rule | the fault it prevents |
|---|---|
| claiming, acting and ending share one transaction | fired and forgotten, or fired twice |
| claimed rows are skipped by others (`SKIP LOCKED`) | two workers at one timer |
| a timer carries the version of what it was set for | acting on a plan that was changed since |
| an older version never replaces a newer one | a late plan undoing the one in force |
| one that fails is held back by itself | one fault of ours stopping all other timers |
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog
from prometheus_client import Counter
from sqlalchemy import BigInteger, Column, DateTime, Index, MetaData, Table, Text, text

from attendance_runtime.clock import Clock
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.repeating import repeat
from attendance_runtime.trouble import describe, is_transient

_log = structlog.get_logger()

_FIRED: Final = Counter("firstday_timers_fired", "Timers acted on", ["kind"])
_HELD: Final = Counter("firstday_timers_held", "Times a timer failed and was held back", ["kind"])

_BATCH_ROWS: Final = 100
_IDLE_SECONDS: Final = 0.25


def timer_table(metadata: MetaData) -> Table:
    """Define the table of timers in a service's own metadata."""
    return Table(
        "timers",
        metadata,
        Column("kind", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("about", Text, nullable=False),
        Column("due_at", DateTime(timezone=True), nullable=False, comment="domain time"),
        Column("version", BigInteger, nullable=False),
        Column("held_until", DateTime(timezone=True), comment="after a failure; the real clock"),
        Index("timers_due", "kind", "due_at"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One thing to look at once.

    Attributes:
        kind: which use case it is for; there is one timer of a kind for each subject.
        subject: what it is set for, an id as text.
        due_at: when, in domain time; it never fires earlier.
        version: of the state it was set for. The use case compares: if that has moved on, the timer
            no longer says anything.
        about: what else the use case has to know.
    """

    kind: str
    subject: str
    due_at: datetime
    version: int
    about: str = ""


class OnTime(Protocol):
    """A use case for timers: called with due ones of a kind, earliest first, inside a transaction.

    It may set timers for the same subjects anew; one that it leaves as it was is over.
    """

    def __call__(
        self, db: SqlSession, timers: Sequence[Timer], *, now: datetime
    ) -> Awaitable[None]:
        """Act on the timers."""
        ...


async def set_timers(db: SqlSession, timers: Sequence[Timer]) -> None:
    """Set timers, each replacing the one of its kind and subject unless that is of a later version.

    Each kind and subject at most once.
    """
    if not timers:
        return
    await db.execute(
        text("""
            INSERT INTO timers AS standing (kind, subject, about, due_at, version)
            SELECT * FROM unnest(
                CAST(:kinds AS text[]), CAST(:subjects AS text[]), CAST(:abouts AS text[]),
                CAST(:dues AS timestamptz[]), CAST(:versions AS bigint[])
            ) AS given (kind, subject, about, due_at, version)
            ORDER BY kind, subject
            ON CONFLICT (kind, subject) DO UPDATE
            SET about = excluded.about, due_at = excluded.due_at, version = excluded.version,
                held_until = NULL
            WHERE standing.version <= excluded.version
        """),
        {"kinds": [timer.kind for timer in timers], **_columns_of(timers)},
    )


async def cancel_timers(db: SqlSession, kind: str, subjects: Sequence[str]) -> None:
    """Take away these subjects' timers of a kind; those without one are no fault."""
    await db.execute(
        text("DELETE FROM timers WHERE kind = :kind AND subject = ANY(CAST(:subjects AS text[]))"),
        {"kind": kind, "subjects": list(subjects)},
    )


async def lock_timers(db: SqlSession, kind: str, subjects: Sequence[str]) -> dict[str, Timer]:
    """Return these subjects' timers, locked until the transaction ends: for whoever plans anew.

    Waits for a worker that acts on one of them, and shows what it set instead.
    """
    found = await db.execute(
        text("""
            SELECT kind, subject, due_at, version, about FROM timers
            WHERE kind = :kind AND subject = ANY(CAST(:subjects AS text[]))
            ORDER BY subject FOR UPDATE
        """),
        {"kind": kind, "subjects": list(subjects)},
    )
    return {row["subject"]: Timer(**row) for row in found.mappings()}


async def run_timers(
    database: Database, clock: Clock, stopping: asyncio.Event, use_cases: Mapping[str, OnTime]
) -> None:
    """Act on timers of these kinds as they become due, until told to stop.

    At once while there are more, else four times a second. Any number of workers may run this.
    """

    async def act() -> int:
        fired = 0
        for kind, use_case in use_cases.items():
            fired += await fire_due(database, clock, kind, use_case)
        return fired

    await repeat(act, stopping, idle=_IDLE_SECONDS)


async def fire_due(
    database: Database, clock: Clock, kind: str, use_case: OnTime, *, limit: int = _BATCH_ROWS
) -> int:
    """Act on one batch of due timers in a transaction; how many were there?"""
    now = clock.now()
    async with database.transaction() as db:
        due = await _claim(db, kind, now=now, limit=limit)
        if due:
            await _fire(db, use_case, due, now=now)
    return len(due)


async def _fire(db: SqlSession, use_case: OnTime, due: Sequence[Timer], *, now: datetime) -> None:
    """Act on claimed timers together; if a fault of ours is in the way, on each by itself."""
    kind = due[0].kind
    try:
        async with db.savepoint():
            await use_case(db, due, now=now)
            await _end(db, due)
    except Exception as error:
        if is_transient(error):
            raise
        if len(due) > 1:
            for timer in due:
                await _fire(db, use_case, [timer], now=now)
            return
        _HELD.labels(kind).inc()
        _log.warning("timer.held", kind=kind, subject=due[0].subject, error=describe(error))
        await _hold(db, due[0])
    else:
        _FIRED.labels(kind).inc(len(due))


async def _claim(db: SqlSession, kind: str, *, now: datetime, limit: int) -> list[Timer]:
    """Lock due timers that nobody else is at."""
    found = await db.execute(
        text("""
            SELECT kind, subject, due_at, version, about FROM timers
            WHERE kind = :kind AND due_at <= :now
              AND (held_until IS NULL OR held_until <= clock_timestamp())
            ORDER BY due_at LIMIT :limit
            FOR UPDATE SKIP LOCKED
        """),
        {"kind": kind, "now": now, "limit": limit},
    )
    return [Timer(**row) for row in found.mappings()]


async def _end(db: SqlSession, fired: Sequence[Timer]) -> None:
    """Delete those of the fired timers that were not set anew."""
    await db.execute(
        text("""
            DELETE FROM timers USING unnest(
                CAST(:subjects AS text[]), CAST(:abouts AS text[]),
                CAST(:dues AS timestamptz[]), CAST(:versions AS bigint[])
            ) AS fired (subject, about, due_at, version)
            WHERE timers.kind = :kind AND timers.subject = fired.subject
              AND timers.about = fired.about AND timers.due_at = fired.due_at
              AND timers.version = fired.version
        """),
        {"kind": fired[0].kind, **_columns_of(fired)},
    )


async def _hold(db: SqlSession, timer: Timer) -> None:
    await db.execute(
        text("""
            UPDATE timers SET held_until = clock_timestamp() + interval '1 minute'
            WHERE kind = :kind AND subject = :subject
        """),
        {"kind": timer.kind, "subject": timer.subject},
    )


def _columns_of(timers: Sequence[Timer]) -> dict[str, list[object]]:
    return {
        "subjects": [timer.subject for timer in timers],
        "abouts": [timer.about for timer in timers],
        "dues": [timer.due_at for timer in timers],
        "versions": [timer.version for timer in timers],
    }
