"""The route by which a school's MIS sends its roll."""

from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import Field

from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web.guarded import BULK_BODY_BYTES, GuardedRoute
from register_service.imports import use_cases
from register_service.imports.api.formats import described, read_roll
from register_service.lines.api import Answer, Faults, content_type

router = APIRouter(prefix="/v1/schools", tags=["roll"], route_class=GuardedRoute)

Writer = Annotated[Principal, Depends(Allowed(rights.ROLL_WRITE))]
Urn = Annotated[str, Path(description="The school's URN, six digits", examples=["100001"])]

_A_WARNING: Final = [
    {
        "detail": "Kept, but not texted: only UK mobiles are. Send one if there is one.",
        "pointer": "#/contacts/0/mobile",
    }
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RollAnswer(Answer):
    """What became of one line; warnings point at what was left out or passed over in a kept one."""

    enrolment_id: UUID | None
    child_id: UUID | None
    warnings: Annotated[Faults, Field(examples=[_A_WARNING])] = ()


@router.post(
    "/{urn}/roll",
    summary="Send a school's roll",
    max_body_size=BULK_BODY_BYTES,
    openapi_extra=described(RollAnswer),
    response_class=Response,
)
async def load_roll(
    urn: Urn,
    request: Request,
    *,
    principal: Writer,
    db: Transaction,
    clock: CurrentClock,
) -> Response:
    """A line a child, up to 10,000, and an answer a line; good lines are kept.

    Children are known by UPN, enrolments by child, school and starting day. Sending the same roll
    again changes nothing and says so.
    """
    body = read_roll(await request.body(), content_type(request))
    entries = await use_cases.load_roll(db, principal, urn, body.lines, now=clock.now())
    return body.answer(
        RollAnswer(
            line=entry.number,
            state=entry.state,
            enrolment_id=entry.enrolment_id,
            child_id=entry.child_id,
            errors=entry.faults,
            warnings=(
                *body.passed_over.get(entry.number, ()),
                *body.in_columns(entry.number, entry.warnings),
            ),
        )
        for entry in entries
    )
