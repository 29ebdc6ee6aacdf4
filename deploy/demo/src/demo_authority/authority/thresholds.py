"""Children brought near their authority's threshold, so that played days cross it and fall back.

With an authority's own shares a few children in a thousand pass ten unauthorised days in any week
of late autumn, but in a small demonstration no single one can be relied on. So some of those who
miss enough anyway get their unauthorised absence placed first, one or two sessions short of the
threshold by the eve of the played days. Of these, the *drifting* are absent again without a reason
and cross; the *explained* are absent too and cross while the reason is unknown, but then turn out
ill, and the threshold must be withdrawn. The sessions come out of the authority's own shares;
nothing is added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from demo_authority.authority.ladder import rule_of
from demo_authority.authority.seats import Seat

_FULL_DAY = 2
_SPELLS = (2, 2, 4, 6)
_MOST_SESSIONS = 70
_PUPILS_A_DRIFTING_CHILD = 400
_PUPILS_AN_EXPLAINED_CHILD = 700
_AT_LEAST = 3


@dataclass(frozen=True, slots=True)
class Near:
    """The enrolments placed near the threshold, by what the played days hold for them."""

    drifting: tuple[int, ...]
    explained: tuple[int, ...]


def place_near(
    seats: Sequence[Seat], quota: int, played_of: Mapping[str, range], rng: Random
) -> tuple[Near, int]:
    """Write the days of children near the threshold; return them and the O sessions used.

    ``played_of`` holds each school's session indexes of the played days, by URN. Too early in a
    year for so many sessions, or at an authority without a policy, nobody is placed.
    """
    rule = rule_of(seats[0].school.authority_code)
    if rule is None or "O" not in rule.codes:
        return Near((), ()), 0
    threshold = rule.sessions
    drifting = max(_AT_LEAST, len(seats) // _PUPILS_A_DRIFTING_CHILD)
    explained = max(_AT_LEAST, len(seats) // _PUPILS_AN_EXPLAINED_CHILD)
    able = [seat for seat in seats if _could_come_near(seat, threshold, played_of[seat.school.urn])]
    room = quota // (threshold + _FULL_DAY)
    chosen = rng.sample(able, min(len(able), drifting + explained, room))
    split = (len(chosen) * drifting + drifting + explained - 1) // (drifting + explained)
    used = 0
    for n, seat in enumerate(chosen):
        played = played_of[seat.school.urn]
        used += _approach(seat, threshold, played, rng)
        # The last played day is left out: a reason needs a later moment to arrive in.
        day = played.start + _FULL_DAY * rng.randrange(max(1, len(played) // _FULL_DAY - 1))
        code = "O" if n < split else "I"
        written = seat.give_up(code, day, _FULL_DAY)
        used += written if code == "O" else 0
        seat.settled = True
    keys = [seat.enrolment.key for seat in chosen]
    return Near(tuple(keys[:split]), tuple(keys[split:])), used


def _could_come_near(seat: Seat, threshold: int, played: range) -> bool:
    """Say whether the seat misses enough, but is not the kind that is hardly ever there."""
    before = played.start - seat.first
    return (
        seat.enrolment.status == "main"
        and seat.possible == seat.end - seat.first
        and seat.end == played.stop
        and len(played) > 0
        and before >= threshold * 2
        and threshold + _FULL_DAY <= seat.left <= _MOST_SESSIONS
    )


def _approach(seat: Seat, threshold: int, played: range, rng: Random) -> int:
    """Write one or two sessions of O too few before the played days; return how many."""
    wanted = threshold - rng.choice((1, _FULL_DAY))
    history = range(seat.first, played.start)
    missing = wanted
    while missing:
        length = min(rng.choice(_SPELLS), missing)
        start = history.start + rng.randrange(len(history)) // _FULL_DAY * _FULL_DAY
        missing -= len(seat.write("O", start, length, window=history))
    seat.left -= wanted
    return wanted
