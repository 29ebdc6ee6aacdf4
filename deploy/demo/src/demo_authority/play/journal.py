"""What was sent while playing, and between which moments the platform took it."""

import time
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest
from typing import NamedTuple

from attendance_contracts.calendar import Session
from demo_authority.play.marksheet import CellChange


class Change(NamedTuple):
    """A mark's new code; it was accepted between two moments, in real seconds since 1970."""

    session: Session
    code: str
    earliest: float
    latest: float


class ClockSetting(NamedTuple):
    """From a real moment on, domain time ran from a moment at a rate."""

    real: float
    domain: float
    rate: float


@dataclass
class Journal:
    """The played days as they happened.

    Attributes:
        settings: how the driven clock was set, in order.
        rests: real moments; what was due before one was done before the next change was sent.
        changes: (enrolment, day) → its marks' changes, in the order in which they were accepted.
        faults: sentences about answers that were not what they should have been.
    """

    settings: list[ClockSetting] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)
    changes: dict[tuple[int, date], list[Change]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)

    def clock_set(self, domain: datetime, rate: float) -> None:
        """Note that the clock shows a moment now, and how fast it runs."""
        self.settings.append(ClockSetting(time.time(), domain.timestamp(), rate))

    def accepted(self, news: list[CellChange], earliest: float, latest: float) -> None:
        """Note the marks that a request changed, and the real moments around it."""
        for (enrolment, day, session), code in news:
            self.changes[enrolment, day].append(Change(session, code, earliest, latest))

    def real_moment(self, domain: datetime) -> float:
        """Return when domain time reached a moment, in real seconds since 1970.

        A moment that the clock jumped over was reached by the jump.
        """
        wanted = domain.timestamp()
        for setting, following in zip_longest(self.settings, self.settings[1:]):
            ahead = wanted - setting.domain
            reached = setting.real + (ahead / setting.rate if ahead > 0 else 0.0)
            if following is None or reached <= following.real:
                return reached
        raise LookupError("The clock has not been set yet.")

    def rested_between(self, before: float, after: float) -> bool:
        """Say whether there was a rest between two real moments."""
        at = bisect_left(self.rests, before)
        return at < len(self.rests) and self.rests[at] <= after
