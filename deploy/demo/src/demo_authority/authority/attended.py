"""Attendance other than plain presence: lateness, trips, sport, work experience, off-site study."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from attendance_contracts.codes import ATTENDED
from demo_authority.authority.days import Pull, SchoolDays
from demo_authority.authority.figures import PRESENT
from demo_authority.authority.seats import Seat

_LATE_IN_THE_MORNING = 0.85
_LATENESS_SPREAD = 0.45  # shape of a gamma: a few children are late often, most hardly ever
_OLDEST = {"10", "11"}
_TEAM = 12
_WEEKS_OF_OFF_SITE_STUDY = 8
_SESSIONS_A_WEEK = 10
_MISSES_BEFORE_GIVING_UP = 20_000


def attended_quotas(shares: Mapping[str, float], possible: int) -> dict[str, int]:
    """Return code → sessions for every attended code except plain presence."""
    return {
        code: round(share * possible)
        for code, share in shares.items()
        if code in ATTENDED and code not in PRESENT
    }


def attend_otherwise(
    seats: Sequence[Seat],
    quotas: Mapping[str, int],
    days_of: Mapping[str, SchoolDays],
    minutes_late: dict[tuple[int, int], int],
    rng: Random,
) -> None:
    """Write each code's sessions over present ones, in the groups and patterns it comes in."""
    if not seats:
        return
    outings = _Outings(
        seats=seats,
        classes=_groups(seats, lambda seat: (seat.school.urn, seat.enrolment.class_code)),
        schools=_groups(seats, lambda seat: (seat.school.urn, "")),
        oldest=[seat for seat in seats if seat.enrolment.year_group in _OLDEST] or seats,
        days_of=days_of,
        rng=rng,
    )
    writers: dict[str, Callable[[int], int]] = {
        "V": outings.trip,
        "P": outings.match,
        "W": outings.placement,
        "B": outings.off_site,
        "K": outings.arranged,
    }
    for code, write in writers.items():
        left, misses = quotas.get(code, 0), 0
        while left > 0 and misses < _MISSES_BEFORE_GIVING_UP:
            written = write(left)
            left -= written
            misses += not written
    _arrive_late(seats, quotas.get("L", 0), minutes_late, rng)


@dataclass(frozen=True, slots=True)
class _Outings:
    """Draws one outing at a time; each method takes the sessions left and returns those used."""

    seats: Sequence[Seat]
    classes: Sequence[Sequence[Seat]]
    schools: Sequence[Sequence[Seat]]
    oldest: Sequence[Seat]
    days_of: Mapping[str, SchoolDays]
    rng: Random

    def trip(self, left: int) -> int:
        """Take a class out for a day."""
        members = self.rng.choice(self.classes)
        return _together("V", members, self._morning(members[0]), 2, left)

    def match(self, left: int) -> int:
        """Take a team out for an afternoon."""
        school = self.rng.choice(self.schools)
        team = self.rng.sample(school, min(_TEAM, len(school)))
        return _together("P", team, self._morning(team[0]) + 1, 1, left)

    def placement(self, left: int) -> int:
        """Place one of the oldest pupils for five days."""
        seat = self.rng.choice(self.oldest)
        return _together("W", [seat], self._morning(seat), _SESSIONS_A_WEEK, left)

    def off_site(self, left: int) -> int:
        """Send a child off site for the same afternoon over some weeks."""
        seat = self.rng.choice(self.seats)
        weeks = min(left, self.rng.randint(1, _WEEKS_OF_OFF_SITE_STUDY))
        start = _inside(seat, self._morning(seat) + 1)
        return len(seat.write("B", start, weeks, step=_SESSIONS_A_WEEK))

    def arranged(self, left: int) -> int:
        """Have the authority teach a child elsewhere for three weeks."""
        seat = self.rng.choice(self.seats)
        return _together("K", [seat], self._morning(seat), 3 * _SESSIONS_A_WEEK, left)

    def _morning(self, seat: Seat) -> int:
        return 2 * self.days_of[seat.school.urn].draw(Pull.EVEN, self.rng, short=True)


def _groups(seats: Iterable[Seat], key: Callable[[Seat], tuple[str, str]]) -> list[list[Seat]]:
    groups: dict[tuple[str, str], list[Seat]] = {}
    for seat in seats:
        if seat.possible:
            groups.setdefault(key(seat), []).append(seat)
    return list(groups.values())


def _together(code: str, members: Sequence[Seat], start: int, length: int, left: int) -> int:
    """Write the same sessions for a group, as far as each is present; return the sessions."""
    written = 0
    for seat in members:
        if left <= written:
            break
        inside = range(max(start, seat.first), min(start + length, seat.end))
        if inside:
            room = min(len(inside), left - written)
            written += len(seat.write(code, inside.start, room, window=inside))
    return written


def _inside(seat: Seat, index: int) -> int:
    return min(max(index, seat.first), seat.end - 1)


def _arrive_late(
    seats: Sequence[Seat], quota: int, minutes_late: dict[tuple[int, int], int], rng: Random
) -> None:
    """Write L over single sessions, mostly mornings, mostly the same children's."""
    often = [rng.gammavariate(_LATENESS_SPREAD, 1.0) * bool(seat.possible) for seat in seats]
    weights = list(accumulate(often))
    for _ in range(_MISSES_BEFORE_GIVING_UP):
        if quota <= 0:
            return
        for seat in rng.choices(seats, cum_weights=weights, k=quota):
            afternoon = rng.random() >= _LATE_IN_THE_MORNING
            index = _inside(seat, rng.randrange(seat.first, seat.end) // 2 * 2 + afternoon)
            if not seat.is_present(index):
                continue
            seat.write("L", index, 1, window=range(index, index + 1))
            limit = seat.school.settings.register_open_minutes
            late = int(rng.triangular(1, limit + 1, limit / 3))
            minutes_late[seat.enrolment.key, index] = min(late, limit)
            quota -= 1
