"""Waiting between attempts, and knowing when to stop: the process is then started afresh."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from attendance_runtime.trouble import describe

_log = structlog.get_logger()

_FIRST_PAUSE_SECONDS: Final = 0.1
_LAST_PAUSE_SECONDS: Final = 5.0
_UNRELATED_SECONDS: Final = 60.0


class GaveUp(Exception):
    """The same trouble lasted longer than its budget; a fresh process may see clearer."""


class Patience:
    """One budget for a run of failures: it starts with the first and ends with a success.

    Args:
        budget_seconds: how long failures may follow one another. Two that lie more than a minute
            apart have nothing to do with each other, and the budget starts again: an idle consumer
            has no success to show between them.
    """

    def __init__(self, budget_seconds: float) -> None:
        self._budget = budget_seconds
        self._pause = _FIRST_PAUSE_SECONDS
        self._since = self._last = float("-inf")

    def renew(self) -> None:
        """Something succeeded: the next failure is the first."""
        self._pause = _FIRST_PAUSE_SECONDS
        self._since = self._last = float("-inf")

    async def wait(self, error: Exception, stopping: asyncio.Event) -> None:
        """Pause after a failure, each time twice as long.

        Raises:
            GaveUp: failures have followed one another for longer than the budget.
        """
        now = asyncio.get_running_loop().time()
        if now - self._last > _UNRELATED_SECONDS:
            self._since = now
            self._pause = _FIRST_PAUSE_SECONDS
        self._last = now
        _log.warning("consumer.trying_later", error=describe(error), pause_seconds=self._pause)
        if now - self._since > self._budget:
            raise GaveUp(f"No success in {self._budget} seconds.") from error
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), self._pause)
        self._pause = min(2 * self._pause, _LAST_PAUSE_SECONDS)
