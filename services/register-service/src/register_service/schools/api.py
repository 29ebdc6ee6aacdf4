"""The routes of schools and their settings."""

from dataclasses import dataclass
from datetime import time
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from attendance_contracts.identifiers import SUBJECT_ID
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web import paging
from attendance_runtime.web.guarded import BULK_BODY_BYTES, GuardedRoute
from attendance_runtime.web.headers import ETAG
from attendance_runtime.web.preconditions import etag
from attendance_runtime.web.texts import Words
from register_service.establishments.domain import Phase
from register_service.lines import api as bulk
from register_service.lines.api import Answer
from register_service.lines.domain import State
from register_service.schools import use_cases
from register_service.schools.domain import (
    CONTACT_CODES,
    GRACE_MINUTES,
    HOURS_PER_DAY,
    QUIET_FROM,
    QUIET_UNTIL,
    School,
    SchoolSettings,
    school_changed,
)

router = APIRouter(prefix="/v1", tags=["schools"], route_class=GuardedRoute)

Writer = Annotated[Principal, Depends(Allowed(rights.SCHOOL_WRITE))]
Reader = Annotated[Principal, Depends(Allowed(rights.SCHOOL_READ))]
Urn = Annotated[str, Path(description="The school's URN, six digits", examples=["100001"])]
Word = Annotated[str, Words(200)]
SubjectId = Annotated[str, Field(pattern=SUBJECT_ID, examples=["lead-7"])]


def _without_offset(moment: time) -> time:
    if moment.tzinfo is not None:
        raise ValueError("A school's times are its own wall clock, without an offset.")
    return moment


# JSON Schema's own `time` asks for an offset.
WallClock = Annotated[
    time,
    AfterValidator(_without_offset),
    WithJsonSchema({"type": "string", "pattern": r"^[0-2]\d:[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"}),
]


class SchoolBody(BaseModel):
    """A school's settings; times are its own wall clock."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        Word,
        Field(
            examples=["Heron Way Primary School"],
            description="at most 100 characters, no address of the web: it stands in messages",
        ),
    ]
    phase: Annotated[Phase, Field(examples=["primary"])]
    authority_code: Annotated[
        str, Field(examples=["332"], description="three digits, as the list of establishments has")
    ]
    trust: Annotated[Word | None, Field(examples=["Reedbed Learning Trust"])] = None
    mis_supplier: Annotated[Word | None, Field(examples=["example-mis"])] = None
    am_starts_at: Annotated[WallClock, Field(examples=["08:50:00"])]
    pm_starts_at: Annotated[WallClock, Field(examples=["13:00:00"])]
    register_open_minutes: Annotated[int, Field(examples=[30], description="30 at most")]
    contact_grace_minutes: int = GRACE_MINUTES
    register_missing_after_minutes: Annotated[
        int | None,
        Field(
            examples=[45],
            description="how long after closing a register that nobody took is missing, and the "
            "school asked for it; as soon as first contact is due where it is null, and never "
            "sooner; 240 at most",
        ),
    ] = None
    hours_per_day: float = HOURS_PER_DAY
    contact_codes: list[str] = list(CONTACT_CODES)
    quiet_from: Annotated[
        WallClock,
        Field(
            examples=["20:00:00"],
            description="no correction goes over night, until `quiet_until`",
        ),
    ] = QUIET_FROM
    quiet_until: Annotated[WallClock, Field(examples=["08:00:00"])] = QUIET_UNTIL
    attendance_lead: Annotated[
        SubjectId | None, Field(description="an id, never a name: it travels")
    ] = None

    def settings(self, urn: str) -> SchoolSettings:
        """Return the settings of the school with this URN."""
        facts = self.model_dump(exclude={"urn"})
        facts["contact_codes"] = tuple(facts["contact_codes"])
        return SchoolSettings(urn=urn, **facts)


class SchoolLine(SchoolBody):
    """One school of many."""

    urn: Annotated[str, Field(examples=["100001"])]


class SchoolView(SchoolBody):
    """A school as the register keeps it."""

    urn: str
    version: int

    @classmethod
    def of(cls, school: School) -> "SchoolView":
        """Show a school."""
        return cls.model_validate(school, from_attributes=True)


class SchoolKept(SchoolView):
    """A school after a PUT, and what the PUT changed."""

    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolAnswer(Answer):
    """What became of one school of many."""

    urn: str


@router.put(
    "/schools/{urn}",
    summary="Create a school or replace its settings",
    responses={
        200: {"headers": ETAG},
        201: {"model": SchoolKept, "description": "Created", "headers": ETAG},
    },
)
async def put_school(
    *,
    urn: Urn,
    body: SchoolBody,
    response: Response,
    principal: Writer,
    db: Transaction,
    clock: CurrentClock,
) -> SchoolKept:
    """Only the authority that the list of establishments names may, and no PUT changes that.

    The same settings again change nothing and say so.
    """
    settings = body.settings(urn)
    school, state = await use_cases.put_school(db, principal, settings, now=clock.now())
    response.headers["ETag"] = etag(school.version)
    if state is State.CREATED:
        response.status_code = HTTPStatus.CREATED
    return SchoolKept(**SchoolView.of(school).model_dump(), state=state)


@router.get(
    "/schools/{urn}", summary="Read a school's settings", responses={200: {"headers": ETAG}}
)
async def read_school(
    urn: Urn, *, response: Response, principal: Reader, db: Transaction, clock: CurrentClock
) -> SchoolView:
    """For the school's staff, its MIS supplier and its authority."""
    school = await use_cases.read_school_for(db, principal, urn, now=clock.now())
    response.headers["ETag"] = etag(school.version)
    return SchoolView.of(school)


@router.post(
    "/schools",
    summary="Create or replace many schools",
    max_body_size=BULK_BODY_BYTES,
    openapi_extra=bulk.described(SchoolLine, SchoolAnswer),
    response_class=Response,
)
async def put_schools(
    request: Request, *, principal: Writer, db: Transaction, clock: CurrentClock
) -> Response:
    """A line a school, an answer a line; good lines are kept."""
    body = await bulk.read_lines(request, bulk.by_pydantic(SchoolLine))
    lines = {number: line.settings(line.urn) for number, line in body.lines.items()}
    decisions = await use_cases.put_schools(db, principal, lines, now=clock.now())
    return body.answer(
        SchoolAnswer(line=made.line, urn=made.urn, state=made.state, errors=made.faults)
        for made in decisions
    )


class SchoolCopy(SchoolView):
    """A school as the other services are told of it."""

    school_id: UUID

    @classmethod
    def of(cls, school: School) -> "SchoolCopy":
        """Show a school with the id that the others know it by."""
        return cls.model_validate(school_changed(school), from_attributes=True)


class SchoolsPage(BaseModel):
    """A page of schools; `next` is None on the last."""

    items: list[SchoolCopy]
    next: str | None


@router.get(
    "/bulk/schools",
    summary="Read every school, to rebuild a copy",
    dependencies=[Depends(Allowed(rights.BULK_READ))],
)
async def read_schools_in_bulk(
    *,
    db: Transaction,
    school_id: UUID | None = None,
    place: paging.CopyPlace,
) -> SchoolsPage:
    """For the platform's own services alone; with `school_id` only that school."""
    found = await use_cases.schools_to_copy(
        db, place.after, limit=place.limit + 1, school_id=school_id
    )
    schools, following = paging.cut(found, place.limit, lambda school: school.id)
    return SchoolsPage(items=[SchoolCopy.of(school) for school in schools], next=following)
