"""On which day an absence starts: the pull of weekday, season and the next holiday."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from enum import Enum
from itertools import accumulate
from random import Random

from demo_authority.authority.calendar import CalendarPlan


class Pull(Enum):
    """What draws an absence to some days more than to others."""

    EVEN = "even"
    ILLNESS = "illness"
    UNAUTHORISED = "unauthorised"
    HOLIDAY = "holiday"
    SET_APART = "set apart"


# Illness in England's state schools went from 1.9 % in early September to 4.9 % in mid-December.
_SEASON = {9: 0.75, 10: 1.0, 11: 1.1, 12: 1.6, 1: 1.3, 2: 1.15, 3: 1.0, 4: 0.85, 5: 0.85}
_SEASON |= {6: 0.9, 7: 0.8}
# Fridays are highest and Wednesdays lowest, mostly through short illness and unauthorised days.
_SHORT_BY_WEEKDAY = (1.08, 0.85, 0.68, 0.95, 1.65)
_LONG_BY_WEEKDAY = (1.12, 1.0, 0.85, 1.05, 1.2)
_DAYS_BEFORE_A_BREAK = 5
_DAYS_AFTER_A_BREAK = 2
_BEFORE_A_BREAK = {Pull.UNAUTHORISED: 1.35, Pull.HOLIDAY: 4.0}
# Days religious bodies commonly set apart that fall on school days of 2026/27; without one of
# them in the period such a day is any day.
_SET_APART = {
    date(2026, 9, 14),
    date(2026, 9, 21),
    date(2026, 11, 9),
    date(2027, 1, 6),
    date(2027, 3, 10),
    date(2027, 5, 17),
}


class SchoolDays:
    """The days of one school's period, with a weighted draw among them."""

    def __init__(self, calendar: CalendarPlan, days: Sequence[date]) -> None:
        self.days = tuple(days)
        self._breaks = calendar.breaks()
        self._weights: dict[tuple[Pull, bool], list[float]] = {}

    def draw(self, pull: Pull, rng: Random, *, short: bool) -> int:
        """Return the index of a day; ``short`` absences keep to Fridays and Mondays more."""
        weights = self._weights.get((pull, short))
        if weights is None:
            weights = list(accumulate(self._weight(day, pull, short=short) for day in self.days))
            self._weights[pull, short] = weights
        return bisect_left(weights, rng.random() * weights[-1])

    def _weight(self, day: date, pull: Pull, *, short: bool) -> float:
        if pull is Pull.EVEN:
            return 1.0
        if pull is Pull.SET_APART:
            return 1.0 if day in _SET_APART else 0.001
        weekday = (_SHORT_BY_WEEKDAY if short else _LONG_BY_WEEKDAY)[day.weekday()]
        if pull is Pull.ILLNESS:
            return _SEASON.get(day.month, 1.0) * weekday
        return (_BEFORE_A_BREAK[pull] if self._is_near_a_break(day) else 1.0) * weekday

    def _is_near_a_break(self, day: date) -> bool:
        return any(
            0 < (first - day).days <= _DAYS_BEFORE_A_BREAK + 2
            or 0 < (day - last).days <= _DAYS_AFTER_A_BREAK
            for first, last in self._breaks
        )
