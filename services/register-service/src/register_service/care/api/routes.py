"""The routes of care statuses and of the claims that wait to become some."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web import paging
from attendance_runtime.web.guarded import BULK_BODY_BYTES, GuardedRoute
from attendance_runtime.web.headers import LINK
from register_service.care import use_cases
from register_service.care.api import bodies
from register_service.lines import api as bulk

router = APIRouter(prefix="/v1", tags=["care"], route_class=GuardedRoute)

Writer = Annotated[Principal, Depends(Allowed(rights.CARE_WRITE))]
Reader = Annotated[Principal, Depends(Allowed(rights.CARE_READ))]
Decider = Annotated[Principal, Depends(Allowed(rights.CARE_CONFIRM))]


@router.post(
    "/care-statuses",
    summary="Say which children have a social worker",
    max_body_size=BULK_BODY_BYTES,
    openapi_extra=bulk.described(bodies.CareStatusLine, bodies.CareAnswer),
    response_class=Response,
)
async def set_statuses(
    request: Request, *, principal: Writer, db: Transaction, clock: CurrentClock
) -> Response:
    """A line a status, an answer a line; good lines are kept.

    Child, kind, authority and first day are a status's natural key: send it again with another
    worker or a last day to change it. A status is in force at once where a school of the
    authority's own area has the child on roll, or UPN, date of birth and surname agree with what a
    school says, and no other authority answers for the child in those days. Otherwise it is
    `pending` until the authority of the child's area, or the one that answers for the child,
    confirms it. A UPN that no roll knows is answered in the same way.
    """
    body = await bulk.read_lines(request, bulk.by_pydantic(bodies.CareStatusLine))
    lines = {number: sent.line() for number, sent in body.lines.items()}
    entries = await use_cases.set_statuses(db, principal, lines, now=clock.now())
    return body.answer(
        bodies.CareAnswer(
            line=entry.line,
            state=entry.state,
            standing=entry.standing,
            child_id=entry.child_id,
            claim_id=entry.claim_id,
            errors=entry.faults,
        )
        for entry in entries
    )


@router.get("/children/{child_id}/care-statuses", summary="Read a child's care statuses")
async def read_statuses(
    child_id: UUID, *, principal: Reader, db: Transaction, clock: CurrentClock
) -> bodies.CareView:
    """For the responsible authority and the allocated worker; written to the access log."""
    statuses = await use_cases.read_statuses(db, principal, child_id, now=clock.now())
    return bodies.CareView(
        child_id=child_id,
        statuses=[bodies.CareStatusBody.model_validate(status) for status in statuses],
    )


@router.get(
    "/care-claims",
    summary="List claims that wait, one's own and those to decide",
    responses={200: {"headers": LINK}},
)
async def read_claims(
    *,
    request: Request,
    response: Response,
    principal: Decider,
    db: Transaction,
    clock: CurrentClock,
    after: Annotated[str | None, Query(description="the `next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> bodies.ClaimsPage:
    """For the authority that made a claim, that of the child's area, and the one responsible.

    Oldest first. The children in claims to decide are written to the access log.
    """
    found = await use_cases.read_claims(
        db, principal, after=paging.decode_id(after), limit=limit + 1, now=clock.now()
    )
    page, following = paging.cut(found, limit, lambda shown: shown.claim.id)
    response.headers.update(paging.link_header(request, following))
    return bodies.ClaimsPage(items=[bodies.ClaimView.of(shown) for shown in page], next=following)


@router.post(
    "/care-claims/{claim_id}/decision",
    summary="Confirm or refuse a claim",
    responses={409: {"description": "The claim has been decided otherwise."}},
)
async def decide_claim(
    claim_id: UUID,
    body: bodies.ClaimDecision,
    *,
    principal: Decider,
    db: Transaction,
    clock: CurrentClock,
) -> bodies.ClaimDecided:
    """For the authority of the child's area and the one responsible, never for who claims.

    The same decision again changes nothing; another one is refused with 409.
    """
    order = use_cases.DecideClaim(
        claim_id=claim_id,
        decision=body.decision,
        child_id=body.child_id,
        reason=body.reason,
    )
    claim = await use_cases.decide_claim(db, principal, order, now=clock.now())
    return bodies.ClaimDecided(claim_id=claim.id, state=claim.state)


@router.get(
    "/bulk/care-statuses",
    summary="Read every care status, to rebuild a copy",
    dependencies=[Depends(Allowed(rights.BULK_READ))],
)
async def read_statuses_in_bulk(
    *,
    db: Transaction,
    child_id: UUID | None = None,
    place: paging.CopyPlace,
) -> bodies.CarePage:
    """For the platform's own services alone; with `child_id` only that child's."""
    found = await use_cases.care_to_copy(db, place.after, limit=place.limit + 1, child_id=child_id)
    items, following = paging.cut(found, place.limit, lambda care: care.child_id)
    return bodies.CarePage(items=list(items), next=following)
