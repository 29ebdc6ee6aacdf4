"""What the care routes take and answer."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from attendance_contracts.events import CareChanged
from attendance_contracts.identifiers import SUBJECT_ID
from attendance_runtime.web.texts import Words
from register_service.care import domain
from register_service.lines.api import Answer


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


class CarePage(BaseModel):
    """A page of children with care statuses, each as the other services are told of them."""

    items: list[CareChanged]
    next: str | None
