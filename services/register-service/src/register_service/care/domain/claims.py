"""What makes a claim's child certain, and who may confirm a claim that is not.

The rule is ADR 20's: a claim opens a child's record and may silence the family's text, so an
authority's word alone is not enough for a child whom none of its own schools has.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias
from uuid import UUID

from attendance_contracts.events import CareStatus
from register_service.roll.domain import Enrolled, Facts

ClaimState = Literal["pending", "confirmed", "refused"]
ClaimKey: TypeAlias = tuple[str, str, date, str]
"""Authority, kind, first day, and how the claim names the child."""

Candidates: TypeAlias = Sequence[Enrolled]
"""The enrolments of whomever a claim may mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An authority's word on a child that the register's facts do not bear out.

    Attributes:
        status: what is claimed.
        upn: the child as the authority names it; or
        child_id: likewise.
        facts: what it states of the child beside that.
        state: `pending` opens nothing and silences nothing.
        reason: why a person refused it.
    """

    id: UUID
    status: CareStatus
    upn: str | None
    child_id: UUID | None
    facts: Facts | None
    state: ClaimState = "pending"
    reason: str | None = None

    @property
    def named(self) -> str:
        """How the claim names the child."""
        return self.upn or str(self.child_id)

    @property
    def key(self) -> ClaimKey:
        """What makes two lines one claim."""
        return (self.status.authority_code, self.status.kind, self.status.valid_from, self.named)


def child_meant(
    status: CareStatus,
    facts: Facts | None,
    candidates: Candidates,
    statuses: Mapping[UUID, Iterable[CareStatus]],
    *,
    today: date,
) -> UUID | None:
    """Return the child for whom a claim is in force at once; None if it has to wait.

    That is the one child whose facts agree with those stated, else the one whom a school of the
    authority's own area has on roll; and no other authority's claim stands in those days.

    Args:
        status: what is claimed.
        facts: what the claim states of the child.
        candidates: the enrolments of whomever it may mean.
        statuses: what is in force already, by child.
        today: London's date.
    """
    agreeing = {one.enrolment.child_id for one in candidates if one.identity.facts == facts}
    children = agreeing or {
        one.enrolment.child_id
        for one in candidates
        if one.authority_code == status.authority_code
        and (one.enrolment.ends_on is None or one.enrolment.ends_on >= today)
    }
    if len(children) != 1:
        return None
    [child] = children
    others = others_standing(status, statuses.get(child, ()))
    return None if others else child


def others_standing(status: CareStatus, beside: Iterable[CareStatus]) -> set[str]:
    """Return the codes of other authorities that answer for a child in days of this status."""
    return {
        other.authority_code
        for other in beside
        if other.authority_code != status.authority_code
        and other.valid_from <= (status.valid_to or date.max)
        and status.valid_from <= (other.valid_to or date.max)
    }


def children_of(candidates: Candidates) -> list[UUID]:
    """Return the children whom a claim may mean, each once, in the order of their ids."""
    return sorted({one.enrolment.child_id for one in candidates})


def within_reach(candidates: Candidates, reached: Collection[UUID]) -> Candidates:
    """Return the candidates for whom a caller may confirm a claim.

    They are those whose school or child the caller reaches: the authority of the area, or the one
    that answers for the child already. Whoever made the claim confirms nothing.
    """
    return [
        one
        for one in candidates
        if not {one.enrolment.school_id, one.enrolment.child_id}.isdisjoint(reached)
    ]


def differing(claim: Claim, candidate: Enrolled) -> list[str]:
    """Return the names of what a claim states otherwise than a candidate's school."""
    if claim.facts is None:
        return []
    said = candidate.identity.facts
    return [name for name in Facts._fields if getattr(claim.facts, name) != getattr(said, name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A claim as one caller sees it: one's own, or with the children one may confirm it for."""

    claim: Claim
    is_own: bool
    candidates: Candidates
