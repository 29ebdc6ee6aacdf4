"""Registers in, registers out: the routes that an MIS and a school office use."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from attendance_contracts.calendar import Session
from attendance_runtime import access
from attendance_runtime.auth import Allowed, Principal
from attendance_runtime.database import Transaction
from attendance_runtime.errors import NotFound
from attendance_runtime.http import decode_body
from attendance_runtime.preconditions import RequiredVersion, etag
from attendance_runtime.runtime import CurrentClock
from register_service.registers import bodies, repository, use_cases
from register_service.registers.domain import Amendment, SchoolSession
from register_service.registers.repository import RegisterKey

router = APIRouter(prefix="/v1", tags=["registers"])

Writer = Annotated[Principal, Depends(Allowed("register.write"))]
Reader = Annotated[Principal, Depends(Allowed("register.read"))]
Amender = Annotated[Principal, Depends(Allowed("mark.amend"))]
Partial = Annotated[
    Literal["reject", "accept"],
    Query(description="Whether the good marks are kept when others are wrong."),
]

SCHOOL_REGISTER = "/schools/{urn}/registers/{day}/{session_name}"
CLASS_REGISTER = "/schools/{urn}/classes/{class_code}/registers/{day}/{session_name}"
MARK = "/schools/{urn}/marks/{enrolment_id}/{day}/{session_name}"


@dataclass(frozen=True, slots=True)
class RegisterPath:
    """Which register a path names; the class is empty in a whole school's."""

    urn: str
    day: date
    session_name: Session
    class_code: str


async def register_path(
    request: Request, urn: str, day: date, session_name: Session
) -> RegisterPath:
    """Read the register that a path names, with or without a class."""
    return RegisterPath(urn, day, session_name, request.path_params.get("class_code", ""))


AtPath = Annotated[RegisterPath, Depends(register_path)]


@router.put(SCHOOL_REGISTER, openapi_extra=bodies.REGISTER_BODY, summary="Send a whole register")
@router.put(
    CLASS_REGISTER,
    openapi_extra=bodies.REGISTER_BODY | bodies.CLASS_PARAMETER,
    summary="Send a class's register",
)
async def put_register(
    request: Request,
    path: AtPath,
    principal: Writer,
    session: Transaction,
    clock: CurrentClock,
    partial: Partial = "reject",
) -> bodies.RegisterAnswer:
    """Record a register. Sending the same one again changes nothing, and the answer says so."""
    body = await decode_body(request, bodies.RegisterBody)
    at = await _school_session(session, path.urn, path.day, path.session_name)
    await access.require(
        session, principal, "register.write", objects=[at.school_id], today=clock.now().date()
    )
    recorded = await use_cases.record_register(
        session,
        use_cases.RecordRegister(
            register=RegisterKey(at.school_id, path.day, path.session_name, path.class_code),
            marks=bodies.sent_marks(body),
            sent_by=principal.subject,
            keep_good=partial == "accept",
        ),
        at,
        now=clock.now(),
    )
    return bodies.RegisterAnswer.of(recorded)


@router.get(SCHOOL_REGISTER, summary="Read a whole register")
@router.get(CLASS_REGISTER, openapi_extra=bodies.CLASS_PARAMETER, summary="Read a class's register")
async def read_register(
    path: AtPath, principal: Reader, session: Transaction, clock: CurrentClock
) -> bodies.Register:
    """Read a register as it stands. "not-taken" is a state of its own: nobody was marked."""
    at = await _school_session(session, path.urn, path.day, path.session_name)
    await access.require(
        session, principal, "register.read", objects=[at.school_id], today=clock.now().date()
    )
    register = RegisterKey(at.school_id, path.day, path.session_name, path.class_code)
    return bodies.Register.of(await repository.read_register(session, register), at)


class AmendmentBody(BaseModel):
    """A mark's new code with what the regulations want kept: reason, and who amends it."""

    code: str = Field(examples=["I"], max_length=4)
    reason: str = Field(examples=["Parent telephoned: unwell"], min_length=1, max_length=500)
    amender_name: str = Field(examples=["A. Officer"], min_length=1, max_length=200)
    amender_title: str = Field(examples=["Attendance officer"], min_length=1, max_length=200)


class MarkAnswer(BaseModel):
    """A mark as it stands."""

    enrolment_id: UUID
    date: date
    session: Session
    code: str
    revision: int


@router.patch(MARK, summary="Amend one mark")
async def patch_mark(
    urn: str,
    enrolment_id: UUID,
    day: date,
    session_name: Session,
    body: AmendmentBody,
    version: RequiredVersion,
    principal: Amender,
    session: Transaction,
    clock: CurrentClock,
    response: Response,
) -> MarkAnswer:
    """Amend a mark with its reason and amender; `If-Match` names the revision that is amended."""
    at = await _school_session(session, urn, day, session_name)
    await access.require(
        session, principal, "mark.amend", objects=[at.school_id], today=clock.now().date()
    )
    mark = await repository.lock_mark(session, enrolment_id, day, session_name)
    if mark is None or mark.school_id != at.school_id:
        raise NotFound("This child has no mark for that session; send the register first.")
    revision = await use_cases.amend_mark(
        session,
        use_cases.AmendMark(
            mark=mark,
            expected_revision=version,
            code=body.code,
            amendment=Amendment(body.reason, body.amender_name, body.amender_title),
            amended_by=principal.subject,
        ),
        at,
        now=clock.now(),
    )
    response.headers["ETag"] = etag(revision)
    return MarkAnswer(
        enrolment_id=enrolment_id,
        date=day,
        session=session_name,
        code=body.code,
        revision=revision,
    )


@router.get(MARK + "/history", summary="Read how a mark came to be")
async def read_mark_history(
    urn: str,
    enrolment_id: UUID,
    day: date,
    session_name: Session,
    principal: Reader,
    session: Transaction,
    clock: CurrentClock,
    response: Response,
) -> bodies.MarkHistory:
    """Read a mark and every amendment: original entry, amended entry, reason, date and amender."""
    at = await _school_session(session, urn, day, session_name)
    await access.require(
        session, principal, "register.read", objects=[at.school_id], today=clock.now().date()
    )
    mark = await repository.lock_mark(session, enrolment_id, day, session_name)
    if mark is None or mark.school_id != at.school_id:
        raise NotFound("This child has no mark for that session.")
    await access.log_read(session, principal, "register.read", [mark.child_id])
    response.headers["ETag"] = etag(mark.revision)
    history = await repository.mark_history(session, enrolment_id, day, session_name)
    return bodies.MarkHistory.of(mark, history)


async def _school_session(
    session: Transaction, urn: str, day: date, session_name: Session
) -> SchoolSession:
    at = await repository.find_school_session(session, urn, day, session_name)
    if at is None:
        raise NotFound("There is nothing here that this token may see.")
    return at


Feeder = Annotated[Principal, Depends(Allowed("bulk.read"))]


class BulkMarks(msgspec.Struct):
    """A page of marks in key order, and the cursor of the next page."""

    marks: list[tuple[UUID, date, str, str]]
    next: str | None


_START = (UUID(int=0), date(1, 1, 1), "")


@router.get(
    "/bulk/marks", summary="Read every mark, to rebuild a projection", response_class=Response
)
async def read_marks_in_bulk(
    principal: Feeder,
    session: Transaction,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50_000)] = 10_000,
) -> Response:
    """Read marks in key order: `[enrolment, date, session, code]`, and the next page's cursor."""
    access.require_service(principal)
    start = bodies.decode_cursor(after) if after else _START
    marks = await repository.marks_after(session, start, limit)
    following = bodies.encode_cursor(marks[-1]) if len(marks) == limit else None
    page = msgspec.json.encode(BulkMarks(marks, following))
    return Response(page, media_type="application/json")
