"""Registers in, registers out: the routes that an MIS and a school office use."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field, WithJsonSchema

from attendance_contracts.calendar import Session
from attendance_contracts.words import tidy_words
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.errors import Fault, Invalid
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.telemetry import current_traceparent
from attendance_runtime.web import paging
from attendance_runtime.web.coalescing import coalescing
from attendance_runtime.web.direct import DirectRoute
from attendance_runtime.web.guarded import LARGE_BODY_BYTES, GuardedRoute
from attendance_runtime.web.reading import decode_body, read_path
from register_service.calendar.domain import FIRST_DAY, SessionAt
from register_service.registers import use_cases
from register_service.registers.api import bodies
from register_service.roll.domain import LONGEST_CLASS_CODE

router = APIRouter(prefix="/v1", tags=["registers"], route_class=GuardedRoute)
taking = APIRouter(prefix="/v1", tags=["registers"], route_class=DirectRoute)
"""No route is called more often."""

Writer = Annotated[Principal, Depends(Allowed(rights.REGISTER_WRITE))]
Reader = Annotated[Principal, Depends(Allowed(rights.REGISTER_READ))]

Day = Annotated[date, Path(ge=FIRST_DAY)]

SCHOOL_REGISTER = "/schools/{urn}/registers/{day}/{session_name}"
CLASS_REGISTER = "/schools/{urn}/classes/{class_code}/registers/{day}/{session_name}"


class RegisterPath(msgspec.Struct, frozen=True):
    """Which register a path names; the class is empty in a whole school's."""

    urn: str
    day: date
    session_name: Session
    class_code: Annotated[str, msgspec.Meta(max_length=LONGEST_CLASS_CODE)] = ""

    @property
    def at(self) -> SessionAt:
        """The session of the school."""
        return SessionAt(self.urn, self.day, self.session_name)


def register_path(request: Request) -> RegisterPath:
    """Read the register that a path names, with or without a class; raise `Invalid`."""
    path = read_path(request, RegisterPath)
    if path.day < FIRST_DAY:
        raise Invalid("Correct the date.", [Fault("Nothing is kept from so early.", "path:day")])
    return msgspec.structs.replace(path, class_code=tidy_words(path.class_code))


def _documented(*more: dict[str, Any], body: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"parameters": [*bodies.PATH_PARAMETERS, *more], **(body or {})}


@taking.put(
    SCHOOL_REGISTER,
    openapi_extra=_documented(bodies.PARTIAL_PARAMETER, body=bodies.REGISTER_BODY),
    summary="Send a whole register",
    max_body_size=LARGE_BODY_BYTES,
)
@taking.put(
    CLASS_REGISTER,
    name="put_class_register",
    openapi_extra=_documented(
        bodies.CLASS_PARAMETER, bodies.PARTIAL_PARAMETER, body=bodies.REGISTER_BODY
    ),
    summary="Send a class's register",
    max_body_size=LARGE_BODY_BYTES,
)
async def put_register(request: Request, principal: Writer) -> bodies.RegisterAnswer:
    """Record a register. Sending the same one again changes nothing, and the answer says so.

    A pupil without a code has no mark: one that was sent before is taken back, and stays in the
    history. A pupil who is left out keeps theirs. Registers that arrive at the same moment are
    written in one transaction.
    """
    path = register_path(request)
    keep_good = _keeps_good(request)
    marks, unmarked = bodies.sent_marks(await decode_body(request, bodies.RegisterBody))
    recorded = await coalescing(request, use_cases.record_registers).submit(
        use_cases.RecordRegister(
            at=path.at,
            class_code=path.class_code,
            marks=marks,
            unmarked=unmarked,
            sender=principal,
            keep_good=keep_good,
            traceparent=current_traceparent(),
        )
    )
    return bodies.RegisterAnswer.of(recorded)


def _keeps_good(request: Request) -> bool:
    partial = request.query_params.get("partial", "reject")
    if partial not in {"reject", "accept"}:
        fault = Fault("This is neither `reject` nor `accept`.", "query:partial")
        raise Invalid("Correct the value pointed at.", [fault])
    return partial == "accept"


@router.get(SCHOOL_REGISTER, openapi_extra=_documented(), summary="Read a whole register")
@router.get(
    CLASS_REGISTER,
    name="read_class_register",
    openapi_extra=_documented(bodies.CLASS_PARAMETER),
    summary="Read a class's register",
)
async def read_register(
    request: Request, principal: Reader, db: Transaction, clock: CurrentClock
) -> bodies.Register:
    """Read a register as it stands. "not-taken" is a state of its own: nobody was marked.

    A class is found by the name that it had on that day.
    """
    path = register_path(request)
    entries, at = await use_cases.read_register_for(
        db, principal, path.at, path.class_code, now=clock.now()
    )
    return bodies.Register.of(entries, at)


# Without `prefixItems`, which tools that read OpenAPI documents take for a fault.
_MarkRow = Annotated[
    tuple[UUID, date, str, str],
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 4, "maxItems": 4}),
]


# A dataclass: pydantic describes it, msgspec writes it.
@dataclass(frozen=True, slots=True)
class BulkMarks:
    """All marks of some enrolments, and the cursor of the next page."""

    marks: Annotated[
        list[_MarkRow],
        Field(
            description="Enrolment, day, session and code of each.",
            examples=[[["0199f0d2-7c3e-7b6a-9d57-6a3d8f2c1b41", "2026-09-07", "AM", "I"]]],
        ),
    ]
    next: str | None


@router.get(
    "/bulk/marks",
    summary="Read every mark, to rebuild a projection",
    response_class=Response,
    responses={200: {"model": BulkMarks}},
    dependencies=[Depends(Allowed(rights.BULK_READ))],
)
async def read_marks_in_bulk(
    db: Transaction,
    school_id: UUID | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Read marks enrolment by enrolment: `[enrolment, date, session, code]`.

    `limit` counts enrolments; all marks of one are on one page, which may hold none. With
    `school_id` only those of that school's enrolments.
    """
    start = paging.decode_id(after)
    found, marks = await use_cases.marks_to_copy(db, start, limit=limit, school_id=school_id)
    _, following = paging.cut(found, limit, lambda enrolment: enrolment)
    page = msgspec.json.encode(BulkMarks(marks, following))
    return Response(page, media_type="application/json")
