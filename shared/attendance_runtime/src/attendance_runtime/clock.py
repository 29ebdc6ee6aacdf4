"""Time is an argument: it comes from a clock, and only this module reads the machine's.

The driven clock moves *domain* time alone: marks, due times, school days. Tokens, leases, back-off
and Kafka's timestamps stay on the real clock, because Kafka refuses records dated too far ahead.
"""

import os
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_STATE = struct.Struct("<ddd")  # real_epoch, domain_epoch, rate


class Clock(Protocol):
    """Where a use case's `now` comes from."""

    def now(self) -> datetime:
        """Return the domain's time as an aware UTC datetime."""
        ...

    def elapsed_seconds(self, since: datetime) -> float:
        """Return the real seconds passed since a moment of domain time, never below zero."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.fromtimestamp(time.time(), UTC)

    def elapsed_seconds(self, since: datetime) -> float:
        """Return the seconds since a moment."""
        return max(0.0, time.time() - since.timestamp())


class FixedClock:
    """A clock that a test moves by hand."""

    def __init__(self, moment: str | datetime) -> None:
        self._now = datetime.fromisoformat(moment) if isinstance(moment, str) else moment

    def now(self) -> datetime:
        """Return the moment last set."""
        return self._now

    def elapsed_seconds(self, since: datetime) -> float:
        """Return the seconds between a moment and the one last set."""
        return max(0.0, (self._now - since).total_seconds())

    def set(self, moment: str | datetime) -> None:
        """Move to a moment, earlier ones included."""
        self._now = datetime.fromisoformat(moment) if isinstance(moment, str) else moment

    def advance(self, by: timedelta) -> None:
        """Move forward by a duration."""
        self._now += by


class DrivenClock:
    """Domain time steered from outside: a shared file says where it stands and how fast it runs.

    The file holds three little-endian doubles: the real and the domain time (seconds since 1970) at
    which it was last set, and how many domain seconds pass in a real one. 24 bytes are written and
    read in one call each, so no reader sees half of a change.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY)

    def _state(self) -> tuple[float, float, float]:
        real, domain, rate = _STATE.unpack(os.pread(self._file, _STATE.size, 0))
        return real, domain, rate

    def now(self) -> datetime:
        """Return the driven time in UTC."""
        real, domain, rate = self._state()
        return datetime.fromtimestamp(domain + (time.time() - real) * rate, UTC)

    def elapsed_seconds(self, since: datetime) -> float:
        """Return the real seconds since a domain moment.

        A moment that a jump of the clock passed over counts from that jump: nobody could have acted
        on it before.
        """
        real, domain, rate = self._state()
        ahead = since.timestamp() - domain
        moment = real + ahead / rate if rate > 0 and ahead > 0 else real
        return max(0.0, time.time() - moment)


def write_driven_clock(path: Path, *, domain: datetime, rate: float) -> None:
    """Set a driven clock: domain time now, and domain seconds per real second (0 stops it)."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(file, _STATE.pack(time.time(), domain.timestamp(), rate), 0)
    finally:
        os.close(file)


def read_driven_rate(path: Path) -> float:
    """Return how many domain seconds pass in a real one."""
    _, _, rate = _STATE.unpack(path.read_bytes())
    return float(rate)


def clock_from(setting: str) -> Clock:
    """Build the clock a setting names: `system`, or `driven:<file>`."""
    kind, _, path = setting.partition(":")
    if kind == "system":
        return SystemClock()
    if kind == "driven" and path:
        return DrivenClock(Path(path))
    raise ValueError("FIRSTDAY_CLOCK is `system` or `driven:<file>`; correct the setting.")
