"""Cases over HTTP: a school's cases, one case with its steps, and what a person may do with it."""

from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from attendance_contracts.identifiers import SUBJECT_ID
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web import paging
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.headers import ETAG, LINK, LOCATION
from attendance_runtime.web.idempotency import Idempotent
from attendance_runtime.web.preconditions import RequiredVersion, etag
from attendance_runtime.web.texts import Words
from escalation_service.cases import use_cases
from escalation_service.cases.domain import Case, Outcome, Step, StepKind
from escalation_service.cases.use_cases import CaseFile

router = APIRouter(prefix="/v1", tags=["cases"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.CASE_READ))]
Writer = Annotated[Principal, Depends(Allowed(rights.CASE_WRITE))]
Urn = Annotated[str, Path(pattern="^[0-9]{6}$", examples=["100001"])]
State = Annotated[Literal["open", "closed"] | None, Query(description="Both when left out.")]
After = Annotated[str | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200, description="cases a page")]

CLOSED: Final[dict[str, Any]] = {
    "description": "The case is closed: open a new one if there is more to do."
}

# What a person may close a case with; `threshold-withdrawn` is the platform's own.
OutcomeByHand = Literal[
    Outcome.RESOLVED, Outcome.REFERRED, Outcome.NO_FURTHER_ACTION, Outcome.OPENED_IN_ERROR
]


class CaseView(BaseModel):
    """A case as it stands."""

    id: UUID
    state: Literal["open", "closed"]
    decision_id: UUID = Field(description="why it was opened: `/v1/decisions/{id}`")
    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    policy: str = Field(examples=["dudley"], description="`by-hand` when a person opened it")
    rule: str = Field(examples=["ten-days-unauthorised"])
    opened_at: datetime
    assigned_to: str | None = Field(examples=["lead-7"], description="opaque subject id")
    closed_at: datetime | None
    outcome: Outcome | None
    threshold_withdrawn_at: datetime | None = Field(
        description="when a correction took the child below the threshold again"
    )
    version: int = Field(examples=[2], description='the ETag is `"r<version>"`')

    @classmethod
    def of(cls, case: Case) -> "CaseView":
        """Show a case."""
        return cls.model_validate(_facts(case))


class StepView(BaseModel):
    """One thing that happened to a case; `by` is null when it was the platform."""

    version: int
    kind: StepKind
    at: datetime
    by: str | None
    assigned_to: str | None
    outcome: Outcome | None
    note: str | None

    @classmethod
    def of(cls, step: Step) -> "StepView":
        """Show a step."""
        return cls.model_validate(step, from_attributes=True)


class CaseWithSteps(CaseView):
    """A case, and how it came to stand as it does."""

    steps: list[StepView]

    @classmethod
    def of_file(cls, file: CaseFile) -> "CaseWithSteps":
        """Show a case and its steps."""
        steps = [StepView.of(step) for step in file.steps]
        return cls.model_validate(_facts(file.case) | {"steps": steps})


class CasePage(BaseModel):
    """A page of cases, oldest first, and the cursor of the next page."""

    cases: list[CaseView]
    next: str | None


class NewCase(BaseModel):
    """A case that a person opens."""

    enrolment_id: UUID
    reason: Annotated[str, Words(2000)] = Field(
        examples=["Often away on Fridays; the family asked for help"]
    )


class Assignment(BaseModel):
    """Who gets a case. An id, never a name or an address: it travels to the other services."""

    assigned_to: str = Field(pattern=SUBJECT_ID, examples=["lead-7"])


class Closure(BaseModel):
    """How a case ends; the note stays in this service."""

    outcome: OutcomeByHand = Field(examples=["resolved"])
    note: Annotated[str, Words(2000)] | None = Field(None, examples=["Settled since half-term"])


@router.get(
    "/schools/{urn}/cases",
    summary="List a school's cases",
    responses={200: {"headers": LINK}},
)
async def read_school_cases(
    urn: Urn,
    *,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
    request: Request,
    response: Response,
    state: State = None,
    after: After = None,
    limit: Limit = 50,
) -> CasePage:
    """Oldest first, for the school's staff and its authority. The reading is logged."""
    found = await use_cases.read_school_cases_for(
        db, principal, urn, state, after=paging.decode_id(after), limit=limit, now=clock.now()
    )
    cursor = None if found.following is None else paging.encode([str(found.following)])
    response.headers.update(paging.link_header(request, cursor))
    return CasePage(cases=[CaseView.of(case) for case in found.cases], next=cursor)


@router.get("/cases/{case_id}", summary="Read a case", responses={200: {"headers": ETAG}})
async def read_case(
    case_id: UUID,
    *,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
    response: Response,
) -> CaseWithSteps:
    """For the school's staff, its authority, the child's authority and worker; logged."""
    file = await use_cases.read_case_for(db, principal, case_id, now=clock.now())
    response.headers["ETag"] = etag(file.case.version)
    return CaseWithSteps.of_file(file)


@router.post(
    "/cases",
    status_code=HTTPStatus.CREATED,
    response_model=CaseWithSteps,
    summary="Open a case by hand",
    responses={201: {"headers": LOCATION | ETAG}, 404: {"description": "No such enrolment."}},
)
async def open_case(
    body: NewCase,
    *,
    principal: Writer,
    request: Idempotent,
    db: Transaction,
    clock: CurrentClock,
) -> Response:
    """Open a case without a threshold, for the school's lead. Sent twice, it is opened once."""
    now = clock.now()
    order = use_cases.OpenCase(enrolment_id=body.enrolment_id, reason=body.reason)
    # Asked each time: an answer that was kept is given again to nobody who may no longer have it.
    await use_cases.require_enrolment(db, principal, body.enrolment_id, now=now)

    async def work() -> CaseWithSteps:
        return CaseWithSteps.of_file(await use_cases.open_case(db, principal, order, now=now))

    answer = await request.create(db, work)
    opened = CaseWithSteps.model_validate_json(bytes(answer.body))
    answer.headers["Location"] = f"cases/{opened.id}"  # beside this address, whatever path it has
    answer.headers["ETag"] = etag(opened.version)
    return answer


@router.post(
    "/cases/{case_id}/assignment",
    summary="Give a case to a person",
    responses={200: {"headers": ETAG}, 409: CLOSED},
)
async def assign_case(
    case_id: UUID,
    body: Assignment,
    *,
    principal: Writer,
    version: RequiredVersion,
    db: Transaction,
    clock: CurrentClock,
    response: Response,
) -> CaseWithSteps:
    """`If-Match` names the version that was read."""
    order = use_cases.AssignCase(case_id=case_id, version=version, to=body.assigned_to)
    file = await use_cases.assign_case(db, principal, order, now=clock.now())
    response.headers["ETag"] = etag(file.case.version)
    return CaseWithSteps.of_file(file)


@router.post(
    "/cases/{case_id}/closure",
    summary="Close a case",
    responses={200: {"headers": ETAG}, 409: CLOSED},
)
async def close_case(
    case_id: UUID,
    body: Closure,
    *,
    principal: Writer,
    version: RequiredVersion,
    db: Transaction,
    clock: CurrentClock,
    response: Response,
) -> CaseWithSteps:
    """`If-Match` names the version that was read."""
    order = use_cases.CloseCase(
        case_id=case_id, version=version, outcome=body.outcome, note=body.note
    )
    file = await use_cases.close_case(db, principal, order, now=clock.now())
    response.headers["ETag"] = etag(file.case.version)
    return CaseWithSteps.of_file(file)


def _facts(case: Case) -> dict[str, object]:
    return asdict(case) | {"state": "open" if case.is_open else "closed"}
