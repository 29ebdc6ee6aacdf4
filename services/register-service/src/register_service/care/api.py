"""The routes of care statuses, which only the responsible authority writes."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
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
from register_service import bulk
from register_service.bulk import Answer
from register_service.care import repository, use_cases
from register_service.care.domain import CareLine, Kind, care_changed

router = APIRouter(prefix="/v1", tags=["care"], route_class=GuardedRoute)

Writer = Annotated[Principal, Depends(Allowed("care.write"))]
Reader = Annotated[Principal, Depends(Allowed("care.read"))]
BulkReader = Annotated[Principal, Depends(Allowed("bulk.read"))]


class CareStatusBody(BaseModel):
    """A status: its kind, its days, and who is responsible. Workers and teams are opaque ids."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    kind: Annotated[Kind, Field(examples=["CIN"])]
    authority_code: Annotated[str, Field(examples=["332"], description="three digits")]
    worker: Annotated[str | None, Field(pattern=SUBJECT_ID, examples=["worker-7"])] = None
    team: Annotated[str | None, Field(pattern=SUBJECT_ID, examples=["team-3"])] = None
    valid_from: date
    valid_to: Annotated[date | None, Field(description="the last day of the status")] = None


class CareStatusLine(CareStatusBody):
    """One status of one child, who is named by UPN or by our id: UPNs stay out of addresses."""

    upn: str | None = None
    child_id: UUID | None = None

    def line(self) -> CareLine:
        """Return what the authority says."""
        return CareLine(**self.model_dump())


class CareView(BaseModel):
    """Everything that is known of a child's care, past and present, oldest first."""

    child_id: UUID
    statuses: list[CareStatusBody]


@dataclass(frozen=True, slots=True, kw_only=True)
class CareAnswer(Answer):
    """What became of one status of many."""

    child_id: UUID | None


@router.post(
    "/care-statuses",
    summary="Say which children have a social worker",
    max_body_size=BULK_BODY_BYTES,
    openapi_extra=bulk.described(CareStatusLine, CareAnswer),
    response_class=Response,
)
async def set_statuses(
    request: Request, *, principal: Writer, session: Transaction, clock: CurrentClock
) -> Response:
    """A line a status, an answer a line; good lines are kept.

    Child, kind, authority and first day are a status's natural key: send it again with another
    worker or a last day to change it.
    """
    body = await bulk.read_lines(request, bulk.by_pydantic(CareStatusLine))
    lines = {number: sent.line() for number, sent in body.lines.items()}
    entries = await use_cases.set_statuses(session, principal, lines, now=clock.now())
    return body.answer(
        CareAnswer(line=entry.line, state=entry.state, child_id=entry.child_id, errors=entry.faults)
        for entry in entries
    )


@router.get("/children/{child_id}/care-statuses", summary="Read a child's care statuses")
async def read_statuses(
    child_id: UUID, *, principal: Reader, session: Transaction, clock: CurrentClock
) -> CareView:
    """For the responsible authority and the allocated worker; written to the access log."""
    statuses = await use_cases.read_statuses(session, principal, child_id, now=clock.now())
    return CareView(
        child_id=child_id,
        statuses=[CareStatusBody.model_validate(status) for status in statuses],
    )


class CarePage(BaseModel):
    """A page of children with care statuses, each as the other services are told of them."""

    items: list[CareChanged]
    next: str | None


@router.get("/bulk/care-statuses", summary="Read every care status, to rebuild a copy")
async def read_statuses_in_bulk(
    *,
    principal: BulkReader,
    session: Transaction,
    child_id: UUID | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> CarePage:
    """For the platform's own services alone; with `child_id` only that child's."""
    access.require_service(principal)
    start = paging.decode_id(after)
    versions = await repository.versions_after(session, start, limit=limit, child_id=child_id)
    statuses = await repository.find_statuses(session, list(versions))
    following = paging.encode([str(list(versions)[-1])]) if len(versions) == limit else None
    items = [care_changed(child, statuses[child], version) for child, version in versions.items()]
    return CarePage(items=items, next=following)
