"""How much each child misses: absence bands, bent to an authority's own figures.

The shape comes from England's published distribution of enrolments by absence band (2022/23);
the persistent-absence share and the mean come from the authority (2025/26). Who sits where in
the distribution is drawn by chance and by group: free school meals, special needs, social care
and year group move a child up or down it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from random import Random

from demo_authority.authority.figures import Phase, PhaseFigures
from demo_authority.authority.model import Child

# Percentages of enrolments with absence from 0 to 5 %, 5 to 10 %, and so on, the last from 50 %.
_BANDS: dict[Phase, tuple[float, ...]] = {
    "primary": (56.1, 27.7, 9.2, 3.2, 1.4, 0.7, 0.4, 0.3, 0.2, 0.1, 0.75),
    "secondary": (46.3, 27.2, 11.0, 4.8, 2.6, 1.6, 1.1, 0.8, 0.7, 0.5, 3.4),
    "special": (35.3, 26.4, 13.6, 7.1, 4.0, 2.5, 1.7, 1.3, 1.0, 0.9, 6.2),
}
_EDGES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 1.0)
_BANDS_BELOW_PERSISTENT = 2
_PERSISTENT = 0.1
_SESSIONS_TO_ONE_MISSED = 10

# Standard deviations up or down the distribution, fitted to the absence rates by group: free
# school meals about twice the others' rate, EHCP 13 %, social care 16 %, looked after 8 to 9 %.
_FREE_SCHOOL_MEALS = 0.55
_SEN = {"none": 0.0, "support": 0.5, "ehcp": 0.65}
_CARE = {"CIN": 0.9, "CP": 0.8, "LAC": -0.05}
_YEAR = {"R": 0.15, "1": 0.1, "7": -0.35, "8": 0.0, "9": 0.1, "10": 0.15, "11": 0.15}
_BISECTIONS = 40


def standing(child: Child, year_group: str, rng: Random) -> float:
    """Return the child's place among the others: the higher, the more absence is to be expected."""
    care = sum(_CARE[status.kind] for status in child.care)
    meals = _FREE_SCHOOL_MEALS * child.free_school_meals
    return rng.gauss() + meals + _SEN[child.sen] + care + _YEAR.get(year_group, 0.0)


def absent_sessions(
    figures: PhaseFigures, standings: Sequence[float], possible: Sequence[int], total: int
) -> list[int]:
    """Return each enrolment's absent sessions, adding up to ``total``.

    ``standings`` and ``possible`` (sessions) run side by side, one enrolment each. The share of
    enrolments that miss a tenth or more is the authority's, whatever the total asks of the mean.
    """
    order = sorted(range(len(standings)), key=standings.__getitem__)
    quantiles = _quantiles(figures, len(order))
    sessions = [possible[i] for i in order]
    low, high = 0.05, 20.0
    for _ in range(_BISECTIONS):
        power = (low + high) / 2
        missed = sum(
            _bent(rate, power) * count for rate, count in zip(quantiles, sessions, strict=True)
        )
        low, high = (power, high) if missed > total else (low, power)
    rates = [_bent(rate, low) for rate in quantiles]
    absent = [0] * len(order)
    for i, count in zip(order, _whole_sessions(rates, sessions, total), strict=True):
        absent[i] = count
    return absent


def _quantiles(figures: PhaseFigures, count: int) -> list[float]:
    """Return ``count`` evenly spaced quantiles of the absence rate, ascending."""
    bands = _BANDS[figures.phase]
    below = sum(bands[:_BANDS_BELOW_PERSISTENT])
    above = sum(bands[_BANDS_BELOW_PERSISTENT:])
    share = figures.persistent_absence
    masses = [
        mass / below * (1 - share) if n < _BANDS_BELOW_PERSISTENT else mass / above * share
        for n, mass in enumerate(bands)
    ]
    ends = list(accumulate(masses))
    rates = []
    for n in range(count):
        at = (n + 0.5) / count * ends[-1]
        band = min(bisect_left(ends, at), len(bands) - 1)
        part = 1 - (ends[band] - at) / masses[band]
        rates.append(_EDGES[band] + part * (_EDGES[band + 1] - _EDGES[band]))
    return rates


def _bent(rate: float, power: float) -> float:
    """Bend a rate up or down without carrying it across the persistent-absence line."""
    if rate < _PERSISTENT:
        low: float = (rate / _PERSISTENT) ** power
        return _PERSISTENT * low
    rest = 1 - _PERSISTENT
    bent: float = ((rate - _PERSISTENT) / rest) ** power
    return _PERSISTENT + rest * bent


def _whole_sessions(rates: Sequence[float], possible: Sequence[int], total: int) -> list[int]:
    """Round to sessions that add up to ``total``, carrying each error over to the next child.

    Rounding, too, carries nobody across the persistent-absence line.
    """
    whole: list[int] = []
    carried = 0.0
    for rate, sessions in zip(rates, possible, strict=True):
        line = -(-sessions // _SESSIONS_TO_ONE_MISSED)
        lowest, highest = (0, line - 1) if rate < _PERSISTENT else (line, sessions)
        exact = rate * sessions + carried
        whole.append(max(0, min(max(round(exact), lowest), highest)))
        carried = exact - whole[-1]
    rest = total - sum(whole)
    for i in reversed(range(len(whole))):
        step = max(-whole[i], min(rest, possible[i] - whole[i]))
        whole[i] += step
        rest -= step
    return whole
