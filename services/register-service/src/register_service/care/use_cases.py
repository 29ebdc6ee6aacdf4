"""What can be done with care statuses and claims: load, decide, save, announce."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.events import CareChanged, CareStatus
from attendance_contracts.faults import Fault
from attendance_contracts.identifiers import read_identifier
from attendance_runtime import access
from attendance_runtime.access import Principal, relations, rights
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Conflict, Invalid, NotFound
from attendance_runtime.messaging import outbox
from register_service.care import domain, repository
from register_service.care.domain import (
    Candidates,
    CareLine,
    Claim,
    Entry,
    Known,
    Shown,
)
from register_service.roll import repository as roll


async def set_statuses(
    db: SqlSession, principal: Principal, lines: Mapping[int, CareLine], *, now: datetime
) -> list[Entry]:
    """Keep what an authority says of children, deciding each line for itself.

    A line is in force at once, or a claim that waits: which of the two depends on what the register
    holds, and no answer tells more than that.
    """
    authority = principal.organisation.removeprefix("authority:")
    upns = {read_identifier(line.upn) for line in lines.values() if line.upn}
    lately = await repository.facts_stated_lately(db, authority, upns, now=now)
    checked = domain.check_lines(lines, lately, organisation=principal.organisation)
    good = [one.line for one in checked.values() if not one.faults]
    stated = {(line.upn, line.facts) for line in good if line.upn and line.facts}
    await repository.save_stated_facts(db, authority, stated, now=now)
    known = await _known(db, good)
    ids = iter(uuid7, None)
    entries = domain.decide_lines(checked, known, ids, today=access.today(now))
    await _put_in_force(db, domain.newest(entries), now=now)
    await _save_claims(db, domain.newest_claims(entries), now=now)
    return entries


async def lock_waiting(db: SqlSession, upns: Collection[str], children: Collection[UUID]) -> None:
    """Lock what waits for these UPNs or children: whoever locks children, too, does this before."""
    await repository.pending_claims_about(db, upns, children)


async def judge_again(
    db: SqlSession, upns: Collection[str], children: Collection[UUID], *, now: datetime
) -> None:
    """Put in force what waited for a roll, or a link, to say who is meant.

    Args:
        db: the transaction.
        upns: by which claims name the children of whom something new is known.
        children: likewise.
        now: the moment.
    """
    waiting = await repository.pending_claims_about(db, upns, children)
    if not waiting:
        return
    candidates = await _candidates(db, waiting)
    statuses = await _statuses_of(db, candidates.values())
    borne_out = {
        claim.id: (child, claim)
        for claim in waiting
        if (
            child := domain.child_meant(
                claim.status,
                claim.facts,
                candidates.get(claim.named, ()),
                statuses,
                today=access.today(now),
            )
        )
    }
    news = [(child, claim.status) for child, claim in borne_out.values()]
    await _put_in_force(db, news, now=now)
    confirmed = [replace(claim, state="confirmed") for _, claim in borne_out.values()]
    await _save_claims(db, confirmed, now=now)


async def follow_child(db: SqlSession, child_id: UUID, to_child_id: UUID, *, now: datetime) -> None:
    """Make one child's statuses another's, who has turned out to be the same; both are locked."""
    old, new = await repository.move_statuses(db, child_id, to_child_id)
    if old == 0:
        return
    statuses = await repository.find_statuses(db, [to_child_id])
    events = [
        domain.care_changed(child_id, (), old + 1),
        domain.care_changed(to_child_id, statuses[to_child_id], new),
    ]
    await relations.apply_care(db, events)
    await outbox.announce(db, events, now=now)


async def read_statuses(
    db: SqlSession, principal: Principal, child_id: UUID, *, now: datetime
) -> Sequence[CareStatus]:
    """Return a child's statuses to the authority and the worker responsible; the read is logged."""
    today = access.today(now)
    await access.require(db, principal, rights.CARE_READ, objects=[child_id], today=today)
    statuses = await repository.find_statuses(db, [child_id])
    await access.log_read(db, principal, rights.CARE_READ, [child_id])
    return statuses[child_id]


async def care_to_copy(
    db: SqlSession, after: UUID, *, limit: int, child_id: UUID | None
) -> list[CareChanged]:
    """Return what is in force for the next children, or for this one, in the order of their ids."""
    versions = await repository.versions_after(db, after, limit=limit, child_id=child_id)
    statuses = await repository.find_statuses(db, list(versions))
    return [
        domain.care_changed(child, statuses[child], version) for child, version in versions.items()
    ]


async def read_claims(
    db: SqlSession, principal: Principal, *, after: UUID, limit: int, now: datetime
) -> list[Shown]:
    """Return a caller's own claims that wait or were refused, and those it may decide.

    Of its own it learns nothing but how they stand; the children in the others are logged.
    """
    today = access.today(now)
    reached = await access.every_object_reached(db, principal, rights.CARE_CONFIRM, today=today)
    claims = await repository.claims_after(
        db,
        after,
        authority_code=principal.organisation.removeprefix("authority:"),
        reached=reached,
        limit=limit,
    )
    candidates = await _candidates(db, claims)
    shown = [
        Shown(
            claim=claim,
            is_own=(own := _is_own(principal, claim)),
            candidates=() if own else domain.within_reach(candidates.get(claim.named, ()), reached),
        )
        for claim in claims
    ]
    children = domain.children_of([one for claim in shown for one in claim.candidates])
    if children:
        await access.log_read(db, principal, rights.CARE_CONFIRM, children)
    return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideClaim:
    """An order to decide a claim: whose child it is about, if it is confirmed, and why."""

    claim_id: UUID
    decision: Literal["confirm", "refuse"]
    reason: str
    child_id: UUID | None = None


async def decide_claim(
    db: SqlSession, principal: Principal, order: DecideClaim, *, now: datetime
) -> Claim:
    """Confirm or refuse a claim of another authority; a confirmed one is in force from then on.

    Raises `NotFound` for whoever may not decide it, `Conflict` once it is decided otherwise,
    `Invalid` for a child whom the claim does not mean.
    """
    claim = await repository.lock_claim(db, order.claim_id)
    candidates = await _candidates(db, [claim] if claim else [])
    within = await _decidable(db, principal, claim, candidates, now=now)
    if claim is None or not within:
        raise NotFound("There is nothing here that this token may see.")
    state: Literal["confirmed", "refused"] = (
        "confirmed" if order.decision == "confirm" else "refused"
    )
    if claim.state == state:
        return claim
    if claim.state != "pending":
        raise Conflict(f"This claim has been {claim.state} already; the authority may claim again.")
    decided = replace(claim, state=state, reason=order.reason)
    if state == "confirmed":
        if order.child_id not in domain.children_of(within):
            fault = Fault("Name one of the children shown with the claim.", "#/child_id")
            raise Invalid("A claim is confirmed for one child.", [fault])
        await repository.lock_children(db, [order.child_id])
        await _put_in_force(db, [(order.child_id, claim.status)], now=now)
    await repository.save_decision(db, decided, principal, now=now)
    return decided


async def _decidable(
    db: SqlSession,
    principal: Principal,
    claim: Claim | None,
    candidates: Mapping[str, Candidates],
    *,
    now: datetime,
) -> Candidates:
    if claim is None or _is_own(principal, claim):
        return ()
    meant = candidates.get(claim.named, ())
    objects = {one.enrolment.school_id for one in meant} | {one.enrolment.child_id for one in meant}
    reached = await access.objects_reached(
        db, principal, rights.CARE_CONFIRM, objects=sorted(objects), today=access.today(now)
    )
    return domain.within_reach(meant, reached)


def _is_own(principal: Principal, claim: Claim) -> bool:
    return principal.organisation == f"authority:{claim.status.authority_code}"


async def _known(db: SqlSession, lines: Sequence[CareLine]) -> Known:
    claims = [
        Claim(id=uuid7(), status=line.status, upn=line.upn, child_id=line.child_id, facts=None)
        for line in lines
    ]
    made = await repository.find_claims(db, [claim.key for claim in claims])
    candidates = await _candidates(db, claims)
    statuses = await _statuses_of(db, candidates.values())
    return Known(candidates=candidates, statuses=statuses, claims=made)


async def _candidates(db: SqlSession, claims: Iterable[Claim]) -> dict[str, Candidates]:
    """Return whom claims may mean, by how they name the child."""
    claims = list(claims)
    by_upn = await roll.find_identities(db, [claim.upn for claim in claims if claim.upn])
    by_id = await roll.find_identities_of(
        db, [claim.child_id for claim in claims if claim.child_id]
    )
    return {**by_upn, **{str(child_id): enrolled for child_id, enrolled in by_id.items()}}


async def _statuses_of(
    db: SqlSession, candidates: Iterable[Candidates]
) -> dict[UUID, list[CareStatus]]:
    """Lock the children whom claims may mean, and return what is in force for them."""
    children = sorted({child for one in candidates for child in domain.children_of(one)})
    await repository.lock_children(db, children)
    return await repository.find_statuses(db, children)


async def _put_in_force(
    db: SqlSession, news: Sequence[tuple[UUID, CareStatus]], *, now: datetime
) -> None:
    """Keep statuses, by child, with the relations that follow, and tell the other services."""
    if not news:
        return
    versions = await repository.save_statuses(db, news)
    statuses = await repository.find_statuses(db, list(versions))
    events = [
        domain.care_changed(child_id, statuses[child_id], version)
        for child_id, version in versions.items()
    ]
    await relations.apply_care(db, events)
    await outbox.announce(db, events, now=now)


async def _save_claims(db: SqlSession, claims: Sequence[Claim], *, now: datetime) -> None:
    if claims:
        await repository.save_claims(db, claims, now=now)
