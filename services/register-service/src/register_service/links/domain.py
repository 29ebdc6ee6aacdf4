"""Which enrolments are one child's: by the schools' own words, or by a person's.

A UPN is typed by hand and travels on paper, so it alone proves nothing. Two schools mean one child
where UPN, date of birth and surname all agree (ADR 20). Only what a school said *first* of a UPN
links by itself. A later word changes no link and no id, and so is no way to try a stranger's date
of birth; it is looked at by whoever decides what was proposed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Literal, NamedTuple
from uuid import UUID

from register_service.roll.domain import Enrolled, Enrolment, Facts, Identity

Differing = Literal["date_of_birth", "surname"]
State = Literal["proposed", "confirmed", "refused", "overtaken"]
"""`overtaken`: another decision has made the two one child meanwhile, and nothing is asked."""


Decision = Literal["confirmed", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A question for a person: is the newcomer the child of the earlier enrolment?"""

    newcomer_enrolment: UUID
    earlier_enrolment: UUID
    differing: tuple[Differing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two enrolments that a question is about, by its school's word of now."""

    enrolment: Enrolment
    identity: Identity
    urn: str
    school_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A proposal as it is kept: with both sides, and what became of it.

    Attributes:
        differing: the facts that differed when the link was proposed.
        own_version: of the proposal alone; see `version`.
        decided_by: an organisation.
    """

    id: UUID
    newcomer: Side
    earlier: Side
    differing: tuple[Differing, ...]
    state: State
    own_version: int
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None

    @property
    def version(self) -> int:
        """Another one whenever anything changes that whoever decides has seen, the words included.

        All three only ever grow, and so does their sum.
        """
        said = self.newcomer.identity.revision + self.earlier.identity.revision
        return self.own_version + said

    @property
    def children(self) -> tuple[UUID, UUID]:
        """Whose the two enrolments are now: the newcomer's child, and the earlier one's."""
        return self.newcomer.enrolment.child_id, self.earlier.enrolment.child_id

    def is_settled_as(self, decision: Decision, organisation: str) -> bool:
        """Whether this very decision has been taken: it may be sent twice."""
        return (self.state, self.decided_by) == (decision, organisation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """What a person says of a proposal, having seen this version of it."""

    proposal_id: UUID
    decision: Decision
    reason: str
    version_seen: int


def are_side_by_side(places: Iterable[Enrolment]) -> bool:
    """Tell whether a school has two of these on its roll on one day.

    A child is on one school's roll once at a time: whom a school has side by side are two children.
    """
    return any(
        one.school_id == other.school_id and one.overlaps(other)
        for one, other in combinations(places, 2)
    )


class FirstWord(NamedTuple):
    """What a school said first of a UPN, and of whom: kept for ever, whatever it says by now."""

    child_id: UUID
    facts: Facts


def child_meant(said: Facts, first_words: Iterable[FirstWord]) -> UUID | None:
    """Return the child that a newcomer is, or None for one who stands alone.

    Args:
        said: the newcomer's facts.
        first_words: what other schools said first of the newcomer's UPN.
    """
    meant = {word.child_id for word in first_words if word.facts == said}
    return meant.pop() if len(meant) == 1 else None


def proposals(newcomer: UUID, said: Facts, elsewhere: Sequence[Enrolled]) -> list[Proposal]:
    """Return a proposal for each child that a newcomer who stands alone may be.

    It is made to the school where that child was on roll last.
    """
    latest = {
        one.enrolment.child_id: one
        for one in sorted(elsewhere, key=lambda one: (one.enrolment.starts_on, one.enrolment.id))
    }
    return [
        Proposal(
            newcomer_enrolment=newcomer,
            earlier_enrolment=one.enrolment.id,
            differing=differing(said, one.identity.facts),
        )
        for one in latest.values()
    ]


def differing(one: Facts, other: Facts) -> tuple[Differing, ...]:
    """Return the names of the facts in which two schools' words differ."""
    names: tuple[Differing, ...] = ("date_of_birth", "surname")
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))
