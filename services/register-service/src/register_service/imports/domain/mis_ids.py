"""Who goes by which MIS id once a load is entered: judged as a whole, not line by line.

Ids move between children where a school changes its MIS: in swaps and in circles, to children whose
old id another one takes. What counts is that after the load no id leads to two children.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from attendance_contracts.faults import Fault
from register_service.imports.domain.known import Place
from register_service.imports.domain.pupil import Draft

ANOTHERS: Final = "This MIS id belongs to another child of the school."


def settle(drafts: Sequence[Draft], here: Sequence[Place], *, today: date) -> list[Draft]:
    """Return drafts as they stand beside each other.

    Refused are those of a child whose id another one goes by. Who has left keeps nobody from an id:
    a leaver's place gives it up to whoever is on roll.

    Args:
        drafts: in the order of starting days, each pupil's good and refused ones.
        here: the places as they were.
        today: London's date.
    """
    after = _after(drafts, here)
    children = _goes_by(here, after, today)
    refused = refused_children(children)
    owners = {
        mis_id: child
        for child, ids in children.items()
        for mis_id in (ids.before if child in refused else ids.after)
    }
    free = _released(here, owners)
    return [
        replace(draft, faults=draft.faults or (Fault(ANOTHERS, "#/mis_id"),))
        if draft.child_id in refused
        else _without_anothers(draft, owners, free)
        for draft in drafts
    ]


def _after(drafts: Iterable[Draft], here: Iterable[Place]) -> dict[UUID, Place]:
    """Return the school's places after the load, by enrolment."""
    after = {place.enrolment.id: place for place in here}
    return after | {d.after.enrolment.id: d.after for d in drafts if not d.faults}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesBy:
    """The MIS ids that lead to a child on roll, before the load and after it."""

    before: frozenset[str]
    after: frozenset[str]


def refused_children(children: Mapping[UUID, GoesBy]) -> set[UUID]:
    """Return those who cannot have an id that their lines give them, as another child goes by it.

    Whoever went by an id before keeps it, and of newcomers the first gets it. A child refused goes
    by its old ids still, so whoever was to have one of them is refused in turn.
    """
    refused: set[UUID] = set()
    holders = _holders(children)
    open_ids = deque(holders)
    while open_ids:
        mis_id = open_ids.popleft()
        for child in _losers(mis_id, holders[mis_id], children):
            refused.add(child)
            for given in children[child].after:
                holders[given].pop(child, None)
            for kept in children[child].before:
                holders[kept][child] = None
                open_ids.append(kept)
    return refused


def _holders(children: Mapping[UUID, GoesBy]) -> dict[str, dict[UUID, None]]:
    holders: dict[str, dict[UUID, None]] = defaultdict(dict)
    for child, goes_by in children.items():
        for mis_id in goes_by.after:
            holders[mis_id][child] = None
    return holders


def _losers(mis_id: str, holders: Collection[UUID], children: Mapping[UUID, GoesBy]) -> list[UUID]:
    """Return who must do without an id; those who went by it before never must."""
    takers = [child for child in holders if mis_id not in children[child].before]
    return takers if len(takers) < len(holders) else takers[1:]


def _goes_by(here: Iterable[Place], after: Mapping[UUID, Place], today: date) -> dict[UUID, GoesBy]:
    """Say which ids lead to whom, before and after, as far as they are on roll or will be."""
    ids: dict[UUID, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for turn, places in enumerate((here, after.values())):
        for place in places:
            if place.mis_id is not None and not place.has_ended(today):
                ids[place.child_id][turn].add(place.mis_id)
    return {
        child: GoesBy(before=frozenset(before), after=frozenset(now))
        for child, (before, now) in ids.items()
    }


def _released(here: Iterable[Place], owners: Mapping[str, UUID]) -> dict[str, tuple[UUID, ...]]:
    """Return the enrolments whose id leads to another child after the load, by id."""
    released: dict[str, tuple[UUID, ...]] = {}
    for place in here:
        mis_id = place.mis_id
        if mis_id is not None and owners.get(mis_id, place.child_id) != place.child_id:
            released[mis_id] = (*released.get(mis_id, ()), place.enrolment.id)
    return released


def _without_anothers(
    draft: Draft, owners: Mapping[str, UUID], released: Mapping[str, tuple[UUID, ...]]
) -> Draft:
    """Return a draft that takes no id that is another's, and frees the one that it takes."""
    before = None if draft.before is None else draft.before.mis_id
    taken = draft.after.mis_id
    if taken is None or draft.faults:
        return draft
    if owners.get(taken, draft.child_id) != draft.child_id:
        return replace(draft, after=replace(draft.after, mis_id=before))
    return replace(draft, released=released.get(taken, ())) if taken != before else draft
