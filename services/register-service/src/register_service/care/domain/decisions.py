"""What becomes of each line: in force, waiting, or refused."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from attendance_contracts.events import CareStatus
from attendance_contracts.faults import Fault
from register_service.care.domain.claims import (
    Candidates,
    Claim,
    ClaimKey,
    child_meant,
    children_of,
)
from register_service.care.domain.lines import CareLine, Checked
from register_service.lines.domain import State, state_of

StatusKey: TypeAlias = tuple[UUID, str, str, date]


class ClaimStanding(StrEnum):
    """Whether what was said holds."""

    IN_FORCE = "in force"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What becomes of one line; `status` and `claim` stand here where they must be written.

    A line that waits tells neither the child nor whether there is one: the claim is all it leaves.
    """

    line: int
    state: State
    standing: ClaimStanding | None = None
    child_id: UUID | None = None
    claim_id: UUID | None = None
    status: CareStatus | None = None
    claim: Claim | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the register holds of the children whom lines may mean.

    Attributes:
        candidates: the enrolments, by how lines name the child.
        statuses: what is in force, by child.
        claims: the sender's claims that are, or were, not in force.
    """

    candidates: Mapping[str, Candidates] = field(default_factory=dict)
    statuses: Mapping[UUID, Sequence[CareStatus]] = field(default_factory=dict)
    claims: Mapping[ClaimKey, Claim] = field(default_factory=dict)


def decide_lines(
    checked: Mapping[int, Checked], known: Known, ids: Iterator[UUID], *, today: date
) -> list[Entry]:
    """Decide each line in order; `ids` are new ones, one for each line at least."""
    draft = _Draft(known=known, ids=ids, today=today)
    return [
        Entry(line=number, state=State.REFUSED, faults=one.faults)
        if one.faults
        else draft.enter(number, one.line)
        for number, one in checked.items()
    ]


def newest(entries: Sequence[Entry]) -> list[tuple[UUID, CareStatus]]:
    """Return the statuses that must be written, by child, the last word on each."""
    news = {
        _key(entry.child_id, entry.status): (entry.child_id, entry.status)
        for entry in entries
        if entry.status is not None and entry.child_id is not None
    }
    return list(news.values())


def newest_claims(entries: Sequence[Entry]) -> list[Claim]:
    """Return the claims that must be written, the last word on each."""
    return list({entry.claim.id: entry.claim for entry in entries if entry.claim}.values())


@dataclass(kw_only=True)
class _Draft:
    """What is in force and what waits, while lines are entered one by one."""

    known: Known
    ids: Iterator[UUID]
    today: date
    kept: dict[StatusKey, CareStatus] = field(init=False)
    claims: dict[ClaimKey, Claim] = field(init=False)

    def __post_init__(self) -> None:
        self.claims = dict(self.known.claims)
        self.kept = {
            _key(child_id, status): status
            for child_id, statuses in self.known.statuses.items()
            for status in statuses
        }

    def enter(self, number: int, line: CareLine) -> Entry:
        claim = Claim(
            id=next(self.ids),
            status=line.status,
            upn=line.upn,
            child_id=line.child_id,
            facts=line.facts,
        )
        candidates = self.known.candidates.get(claim.named, ())
        child = self._already(claim, children_of(candidates)) or child_meant(
            claim.status, claim.facts, candidates, self.known.statuses, today=self.today
        )
        if child is None:
            return self._wait(number, claim)
        return self._put_in_force(number, claim, child)

    def _already(self, claim: Claim, children: Collection[UUID]) -> UUID | None:
        """Return the child for whom this is in force: its authority may change and end it."""
        return next((one for one in children if _key(one, claim.status) in self.kept), None)

    def _put_in_force(self, number: int, claim: Claim, child: UUID) -> Entry:
        key = _key(child, claim.status)
        waited = self.claims.get(claim.key)
        state = state_of(self.kept.get(key), claim.status)
        self.kept[key] = claim.status
        settled = None
        if waited is not None and waited.state != "confirmed":
            settled = self.claims[claim.key] = replace(claim, id=waited.id, state="confirmed")
            state = State.CHANGED
        return Entry(
            line=number,
            state=state,
            standing=ClaimStanding.IN_FORCE,
            child_id=child,
            status=None if state is State.UNCHANGED else claim.status,
            claim=settled,
        )

    def _wait(self, number: int, claim: Claim) -> Entry:
        before = self.claims.get(claim.key)
        if before is not None:
            # What a person refused stays refused until the authority says something else.
            same = replace(claim, id=before.id, state=before.state, reason=before.reason)
            claim = same if same == before else replace(claim, id=before.id)
        state = state_of(before, claim)
        self.claims[claim.key] = claim
        return Entry(
            line=number,
            state=state,
            standing=ClaimStanding.REFUSED if claim.state == "refused" else ClaimStanding.PENDING,
            claim_id=claim.id,
            claim=None if state is State.UNCHANGED else claim,
        )


def _key(child_id: UUID, status: CareStatus) -> StatusKey:
    return child_id, status.kind, status.authority_code, status.valid_from
