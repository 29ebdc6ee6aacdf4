"""Gauges of what waits for somebody, counted in the database when `/metrics` is asked.

A scrape costs at most one bounded statement a gauge, and none while the last counts are fresh. When
the database does not answer in time the last counts stand; their age is a gauge, too. Labels never
name a school or a child.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Gauge
from sqlalchemy import TextClause, text

from attendance_contracts.calendar import london_date
from attendance_runtime.clock import Clock
from attendance_runtime.database import Database
from attendance_runtime.trouble import describe

_log = structlog.get_logger()

FRESH_SECONDS: Final = 10.0
MOST_COUNTED: Final = 10_000
"""Where counting ends: whether ten or twenty thousand wait, somebody has to come."""

_ANSWER_SECONDS: Final = 1.0

_COUNTED_AT: Final = Gauge(
    "firstday_waiting_counted_timestamp_seconds", "When what waits was last counted, Unix time"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One gauge, and the statement that counts it.

    Attributes:
        gauge: with one label, or none.
        statement: gives rows of a label's value and a number; it may name `:now` and `:today`, the
            domain's moment and its date in London, and `:most`, the number to stop at.
        labels: every value of the label; one that the statement does not give counts nought.
    """

    gauge: Gauge
    statement: TextClause
    labels: Sequence[str] = ()

    def show(self, counts: Mapping[str, int]) -> None:
        """Set the gauge to what was counted."""
        if not self.labels:
            self.gauge.set(sum(counts.values()))
        for label in self.labels:
            self.gauge.labels(label).set(counts.get(label, 0))


class Counts:
    """Keeps gauges up to date, for whoever asks."""

    def __init__(self, database: Database, clock: Clock, waiting: Sequence[Waiting]) -> None:
        self._database = database
        self._clock = clock
        self._waiting = waiting
        self._asked_at = float("-inf")

    async def refresh(self) -> None:
        """Count anew unless that was done, or tried, a moment ago."""
        if time.monotonic() - self._asked_at < FRESH_SECONDS:
            return
        self._asked_at = time.monotonic()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                for one in self._waiting:
                    one.show(await self._count(one))
        except Exception as error:  # noqa: BLE001 - metrics are wanted most when something is wrong
            _log.warning("waiting.uncounted", error=describe(error))
        else:
            _COUNTED_AT.set_to_current_time()

    async def _count(self, one: Waiting) -> dict[str, int]:
        now = self._clock.now()
        given = {"now": now, "today": london_date(now), "most": MOST_COUNTED}
        async with self._database.one_statement() as db:
            return {row[0]: row[1] for row in await db.execute(one.statement, given)}


DEAD_LETTERS: Final = Waiting(
    Gauge("firstday_dead_letters_waiting", "Dead letters that nobody has settled yet", ["kind"]),
    text("""
        SELECT kind, count(*) FROM (
            SELECT kind FROM dead_letter WHERE resolved_at IS NULL LIMIT :most
        ) AS unsettled
        GROUP BY kind
    """),
    ("unreadable", "parked"),
)
"""Every service that listens has it."""
