"""Absent sessions given out in spells, code by code, until an authority's own shares are met.

Every seat comes with the sessions it is to miss and every code with the sessions it is to fill,
and the two add up to the same. The codes with a shape of their own go first; illness, which can
be any length, takes what is left. So shares are met by construction rather than by luck.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from attendance_contracts.codes import ABSENCE, UNAUTHORISED
from demo_authority.authority.days import Pull, SchoolDays
from demo_authority.authority.seats import Seat

_A_SHORT_SPELL = 2
_STARTS_AT_MIDDAY = 0.85
_SESSIONS_LEFT_FOR_LONG_SPELLS = 24
_LATEST_MINUTES = 110
_SCHOOL_DAYS_AN_N_MAY_STAND = 5
_ROUNDS = 400


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a code comes: spell lengths in sessions with weights, who gets it, and when."""

    lengths: tuple[int, ...]
    weights: tuple[float, ...]
    pull: Pull
    suits: Callable[[Seat], float] = lambda seat: seat.left
    step: int = 1
    """2 for a code that takes the afternoons only."""


def _needs(sessions: int) -> Callable[[Seat], float]:
    """Prefer seats with room for a spell; the others take part only when none is left."""
    return lambda seat: seat.left if seat.left >= sessions else seat.left * 0.001


def _in_years(*years: str) -> Callable[[Seat], float]:
    return lambda seat: seat.left * (1.0 if seat.enrolment.year_group in years else 0.001)


def _drifts(seat: Seat) -> float:
    """Unauthorised absence gathers with those who miss much, more so where money is short."""
    return float(seat.left**1.5) * (1.6 if seat.child.free_school_meals else 1.0)


_SHAPES: dict[str, _Shape] = {
    "I": _Shape((1, 2, 4, 6, 9, 16), (14, 42, 22, 11, 8, 3), Pull.ILLNESS),
    "E": _Shape((2, 4, 6, 10), (30, 35, 20, 15), Pull.EVEN, _needs(4)),
    "C2": _Shape((10, 20, 30, 40), (20, 30, 30, 20), Pull.EVEN, _needs(16), step=2),
    "T": _Shape((10, 20, 40), (30, 40, 30), Pull.EVEN, _needs(20)),
    "G": _Shape((2, 4, 6, 8, 10, 20), (20, 22, 15, 10, 28, 5), Pull.HOLIDAY, _needs(6)),
    "R": _Shape((2,), (1,), Pull.SET_APART, _needs(2)),
    "S": _Shape((2, 6, 10), (40, 30, 30), Pull.EVEN, _in_years("11")),
    "C": _Shape((1, 2, 4, 6, 10), (25, 45, 15, 8, 7), Pull.HOLIDAY),
    "C1": _Shape((1, 2), (1, 1), Pull.EVEN),
    "J1": _Shape((1, 2), (2, 1), Pull.EVEN, _in_years("11", "6")),
    "M": _Shape((1, 2), (75, 25), Pull.EVEN),
    "O": _Shape((1, 2, 4, 6, 10), (18, 46, 18, 10, 8), Pull.UNAUTHORISED, _drifts),
}


@dataclass(frozen=True, slots=True)
class Period:
    """The time so far, as far as absences need to know it."""

    days_of: Mapping[str, SchoolDays]
    """School URN → its days; a day's sessions stand at twice its index and one further."""
    minutes_late: dict[tuple[int, int], int]
    """(enrolment, session index) → minutes; filled here for arrivals after closing."""


def give_out(seats: Sequence[Seat], quotas: Mapping[str, int], period: Period, rng: Random) -> None:
    """Write every absence code's sessions over the seats; illness takes what is left."""
    rest = dict(quotas)
    _leave_unexplained(seats, rest.get("N", 0), period, rng)
    for code in ("E", "C2", "T", "G", "R", "S", "C1", "J1"):
        _fill(seats, code, rest.get(code, 0), period, rng)
    _arrive_after_closing(seats, rest.get("U", 0), period, rng)
    for code in ("C", "M", "O"):
        _fill(seats, code, rest.get(code, 0), period, rng)
    for seat in seats:
        while seat.left and _spell(seat, "I", seat.left, period, rng):
            pass


def absence_quotas(shares: Mapping[str, float], possible: int) -> dict[str, int]:
    """Return code → sessions for every absence code of these shares."""
    return {code: round(share * possible) for code, share in shares.items() if code in ABSENCE}


def _fill(seats: Sequence[Seat], code: str, quota: int, period: Period, rng: Random) -> None:
    """Write ``quota`` sessions of a code in spells, over seats drawn by how it suits them."""
    shape = _SHAPES[code]
    open_to = _open_to(seats, code)
    for _ in range(_ROUNDS):
        weights = list(accumulate(shape.suits(seat) for seat in open_to))
        if quota <= 0 or not weights or not weights[-1]:
            return
        drawn = rng.choices(open_to, cum_weights=weights, k=max(1, quota // max(shape.lengths)))
        for seat in drawn:
            quota -= _spell(seat, code, quota, period, rng)


def _open_to(seats: Sequence[Seat], code: str) -> list[Seat]:
    if code in UNAUTHORISED:
        return [seat for seat in seats if not seat.settled and seat.left]
    return [seat for seat in seats if seat.left]


def _spell(seat: Seat, code: str, at_most: int, period: Period, rng: Random) -> int:
    """Write one spell; return its sessions."""
    shape = _SHAPES[code]
    length = rng.choices(shape.lengths, shape.weights)[0]
    if seat.left > _SESSIONS_LEFT_FOR_LONG_SPELLS and length > 1 and shape.step == 1:
        length *= 2
    length = min(length, at_most)
    day = period.days_of[seat.school.urn].draw(shape.pull, rng, short=length <= _A_SHORT_SPELL)
    # Odd spells mostly start at midday: the child goes home, or is fetched, during the day.
    midday = rng.random() < _STARTS_AT_MIDDAY if length % 2 else shape.step > 1
    start = 2 * day + midday
    if not seat.first <= start < seat.end:
        start = rng.randrange(seat.first, seat.end)
    return seat.give_up(code, start, length, step=shape.step)


def _leave_unexplained(seats: Sequence[Seat], quota: int, period: Period, rng: Random) -> None:
    """Write N over days of the last school week: an older one would have become O."""
    while quota > 0 and (open_to := [seat for seat in _open_to(seats, "N") if seat.left > 1]):
        weights = list(accumulate(seat.left for seat in open_to))
        for seat in rng.choices(open_to, cum_weights=weights, k=max(1, quota // 2)):
            days = period.days_of[seat.school.urn].days
            day = len(days) - 1 - rng.randrange(min(_SCHOOL_DAYS_AN_N_MAY_STAND, len(days)))
            if seat.first <= 2 * day < seat.end and seat.is_present(2 * day) and quota > 0:
                quota -= seat.give_up("N", 2 * day, min(2, quota))


def _arrive_after_closing(seats: Sequence[Seat], quota: int, period: Period, rng: Random) -> None:
    """Write U over single mornings, with the minutes after the session's start."""
    while quota > 0 and (open_to := _open_to(seats, "U")):
        weights = list(accumulate(seat.left for seat in open_to))
        for seat in rng.choices(open_to, cum_weights=weights, k=quota):
            morning = 2 * rng.randrange((seat.first + 1) // 2, (seat.end + 1) // 2)
            if not (seat.left and seat.is_present(morning)):
                continue
            seat.give_up("U", morning, 1)
            quota -= 1
            earliest = seat.school.settings.register_open_minutes + 1
            late = int(rng.triangular(earliest, _LATEST_MINUTES, earliest + 5))
            period.minutes_late[seat.enrolment.key, morning] = late
