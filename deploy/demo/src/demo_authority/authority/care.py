"""Children known to social care, family by family, shared out among workers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from demo_authority.authority.model import CareStatus, Child

# Shares of children; about 3.5 in a hundred have a social worker.
_LAC, _CP, _CIN = 0.008, 0.006, 0.026
_FREE_SCHOOL_MEALS_FACTOR = 2.0
_OTHER_FACTOR = 0.65
# A caseload is closed when the next family does not fit, which leaves it at 12 to 18 children.
_ROOM = (15, 18)
_TEAMS = ("assessment", "safeguarding", "children-in-care")
_TEAM_OF = {"CIN": _TEAMS[0], "CP": _TEAMS[1], "LAC": _TEAMS[2]}
_OTHER_AUTHORITIES = ("332", "393", "822", "894", "926")
_PLACED_BY_ANOTHER_AUTHORITY = 0.15


def with_care(
    children: Sequence[Child], authority: str, school_year: int, rng: Random
) -> tuple[Child, ...]:
    """Return the children, some with a care status; siblings share status and worker."""
    families: dict[int, list[Child]] = {}
    for child in children:
        families.setdefault(child.family, []).append(child)
    known = [(kind, members) for members in families.values() if (kind := _kind(members, rng))]
    status_of: dict[int, CareStatus] = {}
    for (kind, members), worker in zip(known, _workers(known, rng), strict=True):
        responsible = authority
        if kind == "LAC" and rng.random() < _PLACED_BY_ANOTHER_AUTHORITY:
            responsible = rng.choice([code for code in _OTHER_AUTHORITIES if code != authority])
        since = date(school_year, 8, 31) - timedelta(days=rng.randrange(30, 700))
        status = CareStatus(kind, responsible, worker, _TEAM_OF[kind], since, None)
        status_of.update((child.key, status) for child in members)
    return tuple(
        replace(child, care=(status_of[child.key],)) if child.key in status_of else child
        for child in children
    )


def _kind(members: Sequence[Child], rng: Random) -> str | None:
    poor = members[0].free_school_meals
    draw = rng.random() / (_FREE_SCHOOL_MEALS_FACTOR if poor else _OTHER_FACTOR)
    if draw < _LAC:
        return "LAC"
    if draw < _LAC + _CP:
        return "CP"
    return "CIN" if draw < _LAC + _CP + _CIN else None


def _workers(known: Sequence[tuple[str, Sequence[Child]]], rng: Random) -> Iterator[str]:
    """Yield a worker per family, filling each worker's caseload before the next one's."""
    number, room = 0, 0
    for _, members in known:
        if room < len(members):
            number, room = number + 1, rng.randint(*_ROOM)
        room -= len(members)
        yield f"worker-{number:03d}"
