"""What families are owed, worked out from what was sent and when, beside the platform.

Per enrolment and day: when a register has closed, the school's grace has passed and a mark still
says N, one first message; when it then turns out that the child was there, one correction; if the
child is missed again after that, it begins anew. A reason is answered by nothing: what the family
heard was true. An O after an N is the office's word, by name, that it asks nobody. What was due
before a rest was done before the next change. A change without a rest between may have come before
the message or after it: both outcomes are then right.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from attendance_contracts.calendar import Session
from attendance_contracts.codes import CODES, UNEXPLAINED
from demo_authority.authority.model import Child, Contact
from demo_authority.play.journal import Change

_AWAY = frozenset(row.code for row in CODES if row.is_away)
_CARERS = frozenset({"foster carer"})
_LOOKED_AFTER = "LAC"

Rested = Callable[[float, float], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many first messages and corrections somebody got about one enrolment's day."""

    firsts: int = 0
    corrections: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.firsts + other.firsts, self.corrections + other.corrections)


NOTHING = Outcome()


@dataclass(frozen=True, slots=True)
class _Told:
    """A way things may stand: whether the family believes that the child is missing, and so far."""

    told: bool = False
    outcome: Outcome = NOTHING

    def after_first(self) -> "_Told":
        return _Told(told=True, outcome=self.outcome + Outcome(firsts=1))

    def after_correction(self) -> "_Told":
        return _Told(told=False, outcome=self.outcome + Outcome(corrections=1))


def outcomes(
    changes: Sequence[Change],
    contact_from: Mapping[Session, float],
    rested: Rested,
) -> frozenset[Outcome]:
    """Return the outcomes that are right for one enrolment's day.

    Args:
        changes: the day's changes of marks, in order.
        contact_from: when contact about a session is due at the earliest, in real seconds.
        rested: says whether the platform was given a rest between two real moments.
    """
    missed: dict[Session, Change] = {}
    ways = {_Told()}
    for index, change in enumerate(changes):
        following = changes[index + 1] if index + 1 < len(changes) else None
        if change.session not in missed and change.code not in UNEXPLAINED:
            continue  # nobody looked for the child in this session, nor does now
        missed[change.session] = change
        codes = {one.code for one in missed.values()}
        if codes & UNEXPLAINED:
            soonest, latest = _due(missed, change, contact_from)
            sure = following is None or rested(latest, following.earliest)
            possible = following is None or following.latest >= soonest
            ways = _missed(ways, sure=sure, possible=possible)
        elif not codes & _AWAY:
            ways = _here(ways, change, following, rested)
    return frozenset(way.outcome for way in ways)


def seconds_since_due(
    changes: Sequence[Change], contact_from: Mapping[Session, float], told_at: float
) -> float | None:
    """Return how long after it was due a first message came, below zero if it was before.

    Due is when contact is, or when the mark had been accepted if that was later. None when by that
    moment nobody was missed any more: the reason and the message crossed.
    """
    known = {change.session: change for change in changes if change.earliest <= told_at}
    due = [
        max(contact_from[change.session], min(change.latest, told_at))
        for change in known.values()
        if change.code in UNEXPLAINED
    ]
    return told_at - min(due) if due else None


def together(each: Iterable[frozenset[Outcome]]) -> frozenset[Outcome]:
    """Return the outcomes that are right for several enrolments whose messages look alike."""
    total = frozenset({NOTHING})
    for one in each:
        total = frozenset(a + b for a, b in product(total, one))
    return total


def person_to_tell(child: Child, contacts: Iterable[Contact]) -> Contact | None:
    """Return whom a school tells about a child: the first of those whom it may tell and can reach.

    Nobody whom a court order bars; of a looked-after child only those who care for it.
    """
    looked_after = any(status.kind == _LOOKED_AFTER for status in child.care)
    allowed = [
        contact
        for contact in contacts
        if not contact.court_order
        and (contact.mobile or contact.email)
        and (not looked_after or contact.relationship in _CARERS)
    ]
    return min(allowed, key=lambda contact: contact.priority, default=None)


def _due(
    missed: Mapping[Session, Change], change: Change, contact_from: Mapping[Session, float]
) -> tuple[float, float]:
    """Return the soonest and the latest real moment at which the first message is due."""
    open_ = [one for one in missed.values() if one.code in UNEXPLAINED]
    soonest = min(max(contact_from[one.session], one.earliest) for one in open_)
    latest = min(max(contact_from[one.session], one.latest) for one in open_)
    return max(soonest, change.earliest), max(latest, change.latest)


def _here(ways: set[_Told], change: Change, following: Change | None, rested: Rested) -> set[_Told]:
    """Correct what was told; another word at once may overtake the correction and take it back."""
    corrected = {way.after_correction() if way.told else way for way in ways}
    overtaken = (
        following is not None
        and following.code in UNEXPLAINED | _AWAY
        and not rested(change.latest, following.earliest)
    )
    return corrected | ways if overtaken else corrected


def _missed(ways: set[_Told], *, sure: bool, possible: bool) -> set[_Told]:
    """Tell those who are not told yet: surely, or perhaps, or not at all."""
    if not possible:
        return ways
    told = {way if way.told else way.after_first() for way in ways}
    return told if sure else told | ways
