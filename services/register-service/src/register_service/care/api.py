"""The routes of care statuses and of the claims that wait to become some."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from attendance_contracts.events import CareChanged
from attendance_contracts.identifiers import SUBJECT_ID
from attendance_runtime import access, paging
from attendance_runtime.auth import Allowed, Principal
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web.guarded import BULK_BODY_BYTES, GuardedRoute
from attendance_runtime.web.headers import LINK
from attendance_runtime.web.texts import Words
from register_service import bulk
from register_service.bulk import Answer
from register_service.care import domain, repository, use_cases

router = APIRouter(prefix="/v1", tags=["care"], route_class=GuardedRoute)

Writer = Annotated[Principal, Depends(Allowed("care.write"))]
Reader = Annotated[Principal, Depends(Allowed("care.read"))]
Decider = Annotated[Principal, Depends(Allowed("care.confirm"))]
BulkReader = Annotated[Principal, Depends(Allowed("bulk.read"))]


class CareStatusBody(BaseModel):
    """A status: its kind, its days, and who is responsible. Workers and teams are opaque ids."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    kind: Annotated[domain.Kind, Field(examples=["CIN"])]
    authority_code: Annotated[str, Field(examples=["332"], description="three digits")]
    worker: Annotated[str | None, Field(pattern=SUBJECT_ID, examples=["worker-7"])] = None
    team: Annotated[str | None, Field(pattern=SUBJECT_ID, examples=["team-3"])] = None
    valid_from: Annotated[date, Field(examples=["2026-09-01"])]
    valid_to: Annotated[
        date | None, Field(description="the last day of the status", examples=["2027-03-31"])
    ] = None


class CareStatusLine(CareStatusBody):
    """One status of one child, who is named by UPN or by our id: UPNs stay out of addresses."""

    upn: str | None = None
    child_id: Annotated[UUID | None, Field(description="instead of `upn`", examples=[None])] = None
    date_of_birth: Annotated[
        date | None,
        Field(
            description="with `surname`: where both agree with what a school says of this UPN, the "
            "status needs nobody's confirmation",
            examples=["2017-05-04"],
        ),
    ] = None
    surname: Annotated[str | None, Field(examples=["Example"])] = None

    def line(self) -> domain.CareLine:
        """Return what the authority says."""
        return domain.CareLine(**self.model_dump())


class CareView(BaseModel):
    """Everything that is known of a child's care, past and present, oldest first."""

    child_id: UUID
    statuses: list[CareStatusBody]


@dataclass(frozen=True, slots=True, kw_only=True)
class CareAnswer(Answer):
    """What became of one status of many.

    `in force` names the child; `pending` and `refused` name the claim, and tell nothing of a child.
    """

    standing: domain.ClaimStanding | None
    child_id: UUID | None
    claim_id: UUID | None


@router.post(
    "/care-statuses",
    summary="Say which children have a social worker",
    max_body_size=BULK_BODY_BYTES,
    openapi_extra=bulk.described(CareStatusLine, CareAnswer),
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
    body = await bulk.read_lines(request, bulk.by_pydantic(CareStatusLine))
    lines = {number: sent.line() for number, sent in body.lines.items()}
    entries = await use_cases.set_statuses(db, principal, lines, now=clock.now())
    return body.answer(
        CareAnswer(
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
) -> CareView:
    """For the responsible authority and the allocated worker; written to the access log."""
    statuses = await use_cases.read_statuses(db, principal, child_id, now=clock.now())
    return CareView(
        child_id=child_id,
        statuses=[CareStatusBody.model_validate(status) for status in statuses],
    )


class CandidateView(BaseModel):
    """A child whom a claim may mean, as far as its reader sees the child anyway."""

    child_id: UUID
    enrolment_id: UUID
    differing: Annotated[
        list[str],
        Field(
            description="which facts the claim states otherwise than the child's school",
            examples=[["date_of_birth"]],
        ),
    ]


class ClaimView(BaseModel):
    """An authority's word on a child's care that is not in force.

    Its maker sees how it stands; whoever may decide it sees the children whom it may mean, too.
    """

    claim_id: UUID
    kind: Annotated[domain.Kind, Field(examples=["LAC"])]
    authority_code: Annotated[str, Field(examples=["894"], description="who claims")]
    valid_from: Annotated[date, Field(examples=["2026-09-01"])]
    valid_to: Annotated[date | None, Field(examples=["2027-03-31"])]
    state: Annotated[domain.ClaimState, Field(examples=["pending"])]
    reason: Annotated[str | None, Field(description="why it was refused", examples=[None])]
    is_own: Annotated[bool, Field(examples=[False])]
    candidates: Annotated[
        list[CandidateView],
        Field(description="the children whom it may mean, as far as the reader sees them"),
    ]

    @classmethod
    def of(cls, shown: domain.Shown) -> "ClaimView":
        """Show a claim to one reader."""
        claim = shown.claim
        return cls(
            claim_id=claim.id,
            kind=claim.status.kind,
            authority_code=claim.status.authority_code,
            valid_from=claim.status.valid_from,
            valid_to=claim.status.valid_to,
            state=claim.state,
            reason=claim.reason,
            is_own=shown.is_own,
            candidates=[
                CandidateView(
                    child_id=one.enrolment.child_id,
                    enrolment_id=one.enrolment.id,
                    differing=domain.differing(claim, one),
                )
                for one in shown.candidates
            ],
        )


class ClaimsPage(BaseModel):
    """A page of claims, oldest first, and the cursor of the next page."""

    items: list[ClaimView]
    next: str | None


class ClaimDecision(BaseModel):
    """What a person decides of a claim, and why; a confirmed one names its child."""

    model_config = ConfigDict(extra="forbid")

    decision: Annotated[Literal["confirm", "refuse"], Field(examples=["confirm"])]
    child_id: Annotated[
        UUID | None, Field(description="one of the claim's candidates; only to confirm")
    ] = None
    reason: Annotated[
        str,
        Words(500),
        Field(examples=["Placed in our area; confirmed with the other authority by telephone"]),
    ]


class ClaimDecided(BaseModel):
    """How a claim stands after a decision."""

    claim_id: UUID
    state: Annotated[domain.ClaimState, Field(examples=["confirmed"])]


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
) -> ClaimsPage:
    """For the authority that made a claim, that of the child's area, and the one responsible.

    Oldest first. The children in claims to decide are written to the access log.
    """
    found = await use_cases.read_claims(
        db, principal, after=paging.decode_id(after), limit=limit + 1, now=clock.now()
    )
    page = found[:limit]
    following = paging.encode([str(page[-1].claim.id)]) if len(found) > limit else None
    response.headers.update(paging.link_header(request, following))
    return ClaimsPage(items=[ClaimView.of(shown) for shown in page], next=following)


@router.post(
    "/care-claims/{claim_id}/decision",
    summary="Confirm or refuse a claim",
    responses={409: {"description": "The claim has been decided otherwise."}},
)
async def decide_claim(
    claim_id: UUID,
    body: ClaimDecision,
    *,
    principal: Decider,
    db: Transaction,
    clock: CurrentClock,
) -> ClaimDecided:
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
    return ClaimDecided(claim_id=claim.id, state=claim.state)


class CarePage(BaseModel):
    """A page of children with care statuses, each as the other services are told of them."""

    items: list[CareChanged]
    next: str | None


@router.get("/bulk/care-statuses", summary="Read every care status, to rebuild a copy")
async def read_statuses_in_bulk(
    *,
    principal: BulkReader,
    db: Transaction,
    child_id: UUID | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> CarePage:
    """For the platform's own services alone; with `child_id` only that child's."""
    access.require_service(principal)
    start = paging.decode_id(after)
    versions = await repository.versions_after(db, start, limit=limit, child_id=child_id)
    statuses = await repository.find_statuses(db, list(versions))
    following = paging.encode([str(list(versions)[-1])]) if len(versions) == limit else None
    items = [
        domain.care_changed(child, statuses[child], version) for child, version in versions.items()
    ]
    return CarePage(items=items, next=following)
