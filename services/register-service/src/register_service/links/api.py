"""The routes of proposed links: two schools' enrolments that may be one child's."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web import paging
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.headers import ETAG, LINK
from attendance_runtime.web.preconditions import RequiredVersion, etag
from attendance_runtime.web.texts import Words
from register_service.links import use_cases
from register_service.links.domain import Decide, Decision, Differing, Question, Side, State
from register_service.links.use_cases import Seen
from register_service.roll.domain import Sex

router = APIRouter(prefix="/v1/link-proposals", tags=["links"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.LINK_READ))]
Decider = Annotated[Principal, Depends(Allowed(rights.LINK_DECIDE))]
ProposalId = Annotated[UUID, Path(description="The proposal's id, from the list")]

_DECISIONS: dict[str, Decision] = {"confirm": "confirmed", "refuse": "refused"}


class SideView(BaseModel):
    """One school's enrolment, and what that school says of the child now."""

    enrolment_id: UUID
    child_id: UUID
    urn: Annotated[str, Field(examples=["100001"])]
    school_name: str
    starts_on: date
    ends_on: date | None
    forename: str
    surname: str
    date_of_birth: date
    sex: Sex | None

    @classmethod
    def of(cls, side: Side) -> "SideView":
        """Show one side."""
        return cls(
            enrolment_id=side.enrolment.id,
            child_id=side.enrolment.child_id,
            urn=side.urn,
            school_name=side.school_name,
            starts_on=side.enrolment.starts_on,
            ends_on=side.enrolment.ends_on,
            forename=side.identity.forename,
            surname=side.identity.surname,
            date_of_birth=side.identity.date_of_birth,
            sex=side.identity.sex,
        )


class ProposalView(BaseModel):
    """A link that a person confirms or refuses: the UPN is one, the facts are not.

    The school that knew the child earlier sees its own side, and which facts differed when the link
    was proposed. Its authority, which decides, sees both sides, and who decided why.
    """

    id: UUID
    state: State
    differing: Annotated[list[Differing], Field(examples=[["surname"]])]
    proposed_at: datetime
    earlier: SideView
    newcomer: SideView | None
    decided_at: datetime | None
    decided_by: Annotated[str | None, Field(examples=["authority:332"])]
    reason: str | None

    @classmethod
    def of(cls, question: Question, *, decides: bool) -> "ProposalView":
        """Show a question to whoever decides on it, or to the earlier school."""
        return cls(
            id=question.id,
            state=question.state,
            differing=list(question.differing),
            proposed_at=question.proposed_at,
            earlier=SideView.of(question.earlier),
            newcomer=SideView.of(question.newcomer) if decides else None,
            decided_at=question.decided_at,
            decided_by=question.decided_by if decides else None,
            reason=question.reason if decides else None,
        )


class ProposalsPage(BaseModel):
    """A page of proposals, oldest first; `next` is None on the last one."""

    items: list[ProposalView]
    next: str | None


class DecisionBody(BaseModel):
    """What the authority has found out, and how."""

    model_config = ConfigDict(extra="forbid")

    decision: Annotated[Literal["confirm", "refuse"], Field(examples=["confirm"])]
    reason: Annotated[str, Words(1000), Field(examples=["Both schools saw the passport"])]


@router.get(
    "",
    summary="List the links that a person must confirm or refuse",
    responses={200: {"headers": LINK}},
)
async def read_proposals(
    *,
    request: Request,
    response: Response,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
    state: Annotated[State, Query(description="what became of them")] = "proposed",
    after: Annotated[str | None, Query(description="the `next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="proposals on a page")] = 50,
) -> ProposalsPage:
    """For the school that knew the child earlier, and its authority. The reading is logged."""
    start = paging.decode_id(after)
    found = await use_cases.read_proposals(
        db, principal, state, after=start, limit=limit + 1, now=clock.now()
    )
    page, following = paging.cut(found, limit, lambda seen: seen.question.id)
    response.headers.update(paging.link_header(request, following))
    return ProposalsPage(items=[_view(one) for one in page], next=following)


@router.get("/{proposal_id}", summary="Read one proposed link", responses={200: {"headers": ETAG}})
async def read_proposal(
    proposal_id: ProposalId,
    *,
    response: Response,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
) -> ProposalView:
    """Its `ETag` changes with the decision, and with every word of either school's."""
    seen = await use_cases.read_proposal(db, principal, proposal_id, now=clock.now())
    response.headers["ETag"] = etag(seen.question.version)
    return _view(seen)


@router.post(
    "/{proposal_id}/decision",
    summary="Confirm or refuse a link",
    responses={
        200: {"headers": ETAG},
        409: {
            "description": "The link has been settled otherwise, or a school would have the one "
            "child on its roll twice at once."
        },
    },
)
async def decide_on_proposal(
    proposal_id: ProposalId,
    body: DecisionBody,
    *,
    response: Response,
    principal: Decider,
    version: RequiredVersion,
    db: Transaction,
    clock: CurrentClock,
) -> ProposalView:
    """For the authority of the school that knew the child earlier.

    `If-Match` names the version that was seen: 428 without it, 412 when a school has said something
    else since. Sent twice, a decision is taken once; another one on what is settled is 409.
    """
    command = Decide(
        proposal_id=proposal_id,
        decision=_DECISIONS[body.decision],
        reason=body.reason,
        version_seen=version,
    )
    question = await use_cases.decide(db, principal, command, now=clock.now())
    response.headers["ETag"] = etag(question.version)
    return ProposalView.of(question, decides=True)


def _view(seen: Seen) -> ProposalView:
    return ProposalView.of(seen.question, decides=seen.decides)
