"""What a session's mark means to somebody who looks for the child, by all that it has said.

Sources: Working together to improve school attendance, August 2024 (first-day
contact). That an O after N explains nothing is a ruling of ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from attendance_contracts.calendar import school_year, school_year_starts
from attendance_contracts.codes import NUMBER_OF, code_on
from attendance_contracts.counting import OnRoll

NOT_GIVEN: Final = "not given by source"
"""Stands in an amendment for a reason, a name or a title that its source did not give."""

_N_ALONE: Final = frozenset({"N"})


class Standing(StrEnum):
    """What a session's mark means to somebody who looks for the child."""

    HERE = "here"
    """In school, in education elsewhere, or not expected: nobody looks."""
    UNEXPLAINED = "unexplained"
    EXPLAINED = "explained"
    SETTLED = "settled"
    """No reason is known, and the office has said by name that nobody is to be asked for one."""
    RETRACTED = "retracted"
    """The mark was taken back: nothing is said of where the child is."""


class Entry(NamedTuple):
    """What a mark has said at some time: a code, or None where it was taken back.

    `by_name` tells whether the register keeps who gave it.
    """

    code: str | None
    by_name: bool = False


class Revision(NamedTuple):
    """One amendment as the register keeps it: the codes before and after, and who amended."""

    previous: str | None
    code: str | None
    amender_name: str


def entries(revisions: Sequence[Revision]) -> tuple[Entry, ...]:
    """Return all that an amended mark has said, the original entry first."""
    return (
        *(Entry(revision.previous) for revision in revisions[:1]),
        *(Entry(revision.code, revision.amender_name != NOT_GIVEN) for revision in revisions),
    )


def standing(entries: Sequence[Entry], contact_codes: frozenset[str], day: date) -> Standing:
    """Say what a mark means by all that it has said, oldest first; no mark asks nobody to look.

    A code for which the school contacts families (N by default) is an unexplained absence. An O
    that follows one explains nothing, but where the school asks for contact about N alone, an O
    given by name is the office's word that it has looked into it. An O that comes first is the
    school's own settled view. What was taken back between two codes changes neither.
    """
    now = Standing.HERE
    for code, by_name in entries:
        if code is None:
            continue
        if code != "O" or now is not Standing.UNEXPLAINED:
            now = standings(contact_codes, day)[code]
        elif by_name and contact_codes == _N_ALONE:
            now = Standing.SETTLED
    return Standing.RETRACTED if entries and entries[-1].code is None else now


@lru_cache(maxsize=1024)
def standings(contact_codes: frozenset[str], day: date) -> Mapping[str, Standing]:
    """Say what each code in force on a day means by itself, for a school's contact codes."""
    in_force = (code for code in (code_on(name, day) for name in NUMBER_OF) if code is not None)
    return {
        code.code: Standing.UNEXPLAINED
        if code.code in contact_codes
        else Standing.EXPLAINED
        if code.is_away
        else Standing.HERE
        for code in in_force
    }


def days_moved(before: OnRoll, after: OnRoll, today: date) -> list[date]:
    """Return the days of this school year, up to today, that lie in one of two stretches alone.

    They have left a child's place on roll, or joined it. Of days before this school year nobody is
    told any more.
    """
    since = school_year_starts(school_year(today))
    edges = (before.first, after.first), (before.last or date.max, after.last or date.max)
    days = {day for edge in edges for day in _days(max(min(edge), since), min(max(edge), today))}
    return sorted(day for day in days if (day in before) != (day in after))


def _days(first: date, last: date) -> Iterator[date]:
    yield from (first + timedelta(number) for number in range((last - first).days + 1))
