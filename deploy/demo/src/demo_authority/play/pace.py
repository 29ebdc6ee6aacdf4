"""How fast the played days go by: stretches in which something happens, jumps over the rest."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from attendance_contracts.calendar import LONDON, contact_due_at, london_date
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.model import Event

FIRST_MORNING_SECONDS: Final = 9.0
"""Real seconds for the first morning's registers, slow enough to watch; the rests come on top."""
PART_SECONDS: Final = 2.0
"""Real seconds at least for the rest of the first day, and for each later day."""
EVENTS_A_SECOND: Final = 200.0
"""Requests that are sent in a real second at most; a larger authority's day takes longer."""
_MORNING_ENDS: Final = time(10, 0)
_NOON: Final = time(12, 0)
_QUIET: Final = timedelta(minutes=15)
_MARGIN: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(minutes=20)
"""The clock waits at the end of a stretch for what is late in it: nothing is later than this."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of domain time, how fast it goes by and what happens in it.

    After a stretch with a ``rest`` the platform is given the time to deal with all of it, so that
    what was due by then has certainly been done before anything else happens.
    """

    start: datetime
    end: datetime
    rate: float
    events: Sequence[Event]
    rest: bool


def first_morning(authority: DemoAuthority) -> list[Stretch]:
    """Return the stretches of the first morning's registers."""
    return [one for one in stretches(authority) if one.start < _morning_ends(authority)]


def after_first_morning(authority: DemoAuthority) -> list[Stretch]:
    """Return all other stretches."""
    return [one for one in stretches(authority) if one.start >= _morning_ends(authority)]


def _morning_ends(authority: DemoAuthority) -> datetime:
    return datetime.combine(authority.marks.play_from, _MORNING_ENDS, tzinfo=LONDON)


def stretches(authority: DemoAuthority) -> list[Stretch]:
    """Return the played days as stretches of time; hours in which nothing happens lie between."""
    found: list[Stretch] = []
    for day, of_day in groupby(authority.timeline, key=lambda event: london_date(event.at)):
        events = list(of_day)
        due = sorted(set(_due_moments(authority, day)))
        last_due = {at.time() < _NOON: at for at in due}.values()
        if day == authority.marks.play_from:
            ends = _morning_ends(authority)
            morning = [event for event in events if event.at < ends]
            slowly = max(FIRST_MORNING_SECONDS, _seconds(morning))
            found += _paced(morning, [at for at in due if at < ends], due, slowly)
            events = events[len(morning) :]
            due = [at for at in due if at >= ends]
        found += _paced(events, due, last_due, _seconds(events))
    return found


def _seconds(events: Sequence[Event]) -> float:
    return max(PART_SECONDS, len(events) / EVENTS_A_SECOND)


def _paced(
    events: Sequence[Event],
    due: Sequence[datetime],
    rest_after: Collection[datetime],
    seconds: float,
) -> list[Stretch]:
    """Spread a part of a day over so many real seconds, with a rest after some of its moments."""
    groups = _groups({*(event.at for event in events), *due}, rest_after)
    busy = sum((group[-1] - group[0] + 2 * _MARGIN for group in groups), timedelta())
    return [
        Stretch(
            start=group[0] - _MARGIN,
            end=group[-1] + _MARGIN,
            rate=busy.total_seconds() / seconds,
            events=[event for event in events if group[0] <= event.at <= group[-1]],
            rest=group[-1] in rest_after or group is groups[-1],
        )
        for group in groups
    ]


def _groups(moments: Iterable[datetime], ends: Collection[datetime]) -> list[list[datetime]]:
    """Put moments together that are near each other; a group is over after one of the ends."""
    groups: list[list[datetime]] = []
    for moment in sorted(moments):
        group = groups[-1] if groups else []
        if (
            not group
            or group[-1] in ends
            or moment - group[-1] > _QUIET
            or moment - group[0] > _LONGEST
        ):
            groups.append([])
        groups[-1].append(moment)
    return groups


def _due_moments(authority: DemoAuthority, day: date) -> Iterator[datetime]:
    """Yield when each school's contact is due: its registers' closing plus its grace."""
    for school in authority.roll.schools:
        if school.urn != authority.marks.silent_school:
            settings = school.settings
            for starts_at in (settings.am_starts_at, settings.pm_starts_at):
                due_at = contact_due_at(
                    day,
                    starts_at,
                    open_minutes=settings.register_open_minutes,
                    grace_minutes=settings.contact_grace_minutes,
                )
                yield due_at.astimezone(LONDON)
