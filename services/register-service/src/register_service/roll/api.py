"""The routes of the admission register, one enrolment at a time and in pages."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web import paging
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.headers import ETAG, LINK
from attendance_runtime.web.preconditions import RequiredVersion, etag
from attendance_runtime.web.texts import Words
from register_service.roll import use_cases
from register_service.roll.domain import LONGEST_CLASS_CODE, Amendment, Enrolment, Identity, Sex
from register_service.roll.repository import Only

router = APIRouter(prefix="/v1", tags=["roll"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.ROLL_READ))]
Writer = Annotated[Principal, Depends(Allowed(rights.ROLL_WRITE))]
NameReader = Annotated[Principal, Depends(Allowed(rights.CHILD_READ))]


class PlaceView(BaseModel):
    """An enrolment without its child's name, as every service knows it."""

    model_config = ConfigDict(from_attributes=True)

    enrolment_id: Annotated[UUID, Field(validation_alias="id")]
    child_id: UUID
    school_id: UUID
    starts_on: date
    ends_on: Annotated[date | None, Field(description="the last day on roll")]
    year_group: str
    class_code: str
    status: Literal["main", "subsidiary"]
    version: int


class EnrolmentView(PlaceView):
    """An enrolment with what its school says of the child, and nothing that another school says."""

    forename: str
    surname: str
    date_of_birth: date
    sex: Sex | None
    confidential_address: bool

    @classmethod
    def of(cls, enrolment: Enrolment, identity: Identity) -> "EnrolmentView":
        """Show an enrolment and its child."""
        place = {name: getattr(enrolment, name) for name in Enrolment.__slots__}
        return cls(
            **place,
            forename=identity.forename,
            surname=identity.surname,
            date_of_birth=identity.date_of_birth,
            sex=identity.sex,
            confidential_address=identity.confidential_address,
        )


class RevisionView(BaseModel):
    """What a school said of a child until it said something else, and who did that when and why."""

    model_config = ConfigDict(from_attributes=True)

    revision: Annotated[int, Field(description="1: as the enrolment came", examples=[1])]
    forename: str
    surname: str
    date_of_birth: date
    sex: Sex | None
    confidential_address: bool
    replaced_at: datetime
    replaced_by: str
    replaced_by_subject: str
    reason: Annotated[
        str | None,
        Field(description="why an address is hidden no more", examples=["The order has ended"]),
    ]


class RevisionsPage(BaseModel):
    """A page of what was said before, the oldest first; `next` is None on the last one."""

    items: list[RevisionView]
    next: Annotated[str | None, Field(examples=["WyI1MCJd"])]


class EnrolmentAmendment(BaseModel):
    """What changes; what is left out stays. `"ends_on": null` takes the last day away."""

    model_config = ConfigDict(extra="forbid")

    year_group: Annotated[Annotated[str, Words(20)] | None, Field(examples=["5"])] = None
    class_code: Annotated[
        Annotated[str, Words(LONGEST_CLASS_CODE)] | None, Field(examples=["5B"])
    ] = None
    ends_on: date | None = None

    def amendment(self) -> Amendment:
        """Return the amendment asked for."""
        stays_on = "ends_on" in self.model_fields_set and self.ends_on is None
        return Amendment(**self.model_dump(), stays_on=stays_on)


class NamesWanted(BaseModel):
    """The enrolments whose children a page shows."""

    model_config = ConfigDict(extra="forbid")

    enrolment_ids: Annotated[list[UUID], Field(max_length=500)]


class NameView(BaseModel):
    """What a page calls the child of an enrolment, and where the child sits."""

    model_config = ConfigDict(from_attributes=True)

    enrolment_id: UUID
    child_id: UUID
    forename: str
    surname: str
    class_code: str
    year_group: str


class NamesView(BaseModel):
    """The names of those whom the reader may see; others are left out without a word."""

    children: list[NameView]


class PlacesPage(BaseModel):
    """A page of enrolments in the order of their ids; `next` is None on the last one."""

    items: list[PlaceView]
    next: str | None


@router.get(
    "/enrolments/{enrolment_id}",
    summary="Read one enrolment",
    responses={200: {"headers": ETAG}},
)
async def read_enrolment(
    enrolment_id: UUID,
    *,
    response: Response,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
) -> EnrolmentView:
    """For the school's staff and its authority; written to the access log."""
    enrolment, identity = await use_cases.read_enrolment(
        db, principal, enrolment_id, now=clock.now()
    )
    response.headers["ETag"] = etag(enrolment.version)
    return EnrolmentView.of(enrolment, identity)


@router.get(
    "/enrolments/{enrolment_id}/revisions",
    summary="Read what a school said of a child before",
    responses={200: {"headers": LINK}},
)
async def read_revisions(
    enrolment_id: UUID,
    *,
    request: Request,
    response: Response,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
    after: Annotated[str | None, Query(examples=["WyI1MCJd"])] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RevisionsPage:
    """Each change of a name, date of birth, sex or confidential flag leaves what it replaced.

    For the school's staff and its authority; written to the access log.
    """
    start = paging.decode_number(after)
    found = await use_cases.read_revisions(
        db, principal, enrolment_id, after=start, limit=limit + 1, now=clock.now()
    )
    page, following = paging.cut(found, limit, lambda revision: revision.revision)
    response.headers.update(paging.link_header(request, following))
    return RevisionsPage(items=[RevisionView.model_validate(one) for one in page], next=following)


@router.patch(
    "/enrolments/{enrolment_id}",
    summary="Change class, year group or last day",
    responses={200: {"headers": ETAG}},
)
async def amend_enrolment(
    enrolment_id: UUID,
    body: EnrolmentAmendment,
    *,
    response: Response,
    principal: Writer,
    version: RequiredVersion,
    db: Transaction,
    clock: CurrentClock,
) -> PlaceView:
    """`If-Match` names the version that the editor saw: 428 without it, 412 for an older one."""
    enrolment = await use_cases.amend_enrolment(
        db,
        principal,
        enrolment_id,
        body.amendment(),
        version_seen=version,
        now=clock.now(),
    )
    response.headers["ETag"] = etag(enrolment.version)
    return PlaceView.model_validate(enrolment)


@router.post("/children/names", summary="Read the names for a page")
async def read_names(
    body: NamesWanted, *, principal: NameReader, db: Transaction, clock: CurrentClock
) -> NamesView:
    """Names of children whom the reader may see at this moment; written to the access log."""
    names = await use_cases.read_names(db, principal, body.enrolment_ids, now=clock.now())
    return NamesView(children=[NameView.model_validate(name) for name in names])


@router.get(
    "/bulk/enrolments",
    summary="Read every enrolment, to rebuild a projection",
    responses={200: {"headers": LINK}},
    dependencies=[Depends(Allowed(rights.BULK_READ))],
)
async def read_places(
    *,
    request: Request,
    response: Response,
    db: Transaction,
    enrolment_id: UUID | None = None,
    school_id: UUID | None = None,
    place: paging.CopyPlace,
) -> PlacesPage:
    """For the platform's own services alone; `after` is the `next` of the page before.

    With `enrolment_id` only that enrolment is read, with `school_id` only those of that school.
    """
    only = Only(enrolment_id=enrolment_id, school_id=school_id)
    found = await use_cases.places_to_copy(db, place.after, limit=place.limit + 1, only=only)
    places, following = paging.cut(found, place.limit, lambda enrolment: enrolment.id)
    response.headers.update(paging.link_header(request, following))
    return PlacesPage(items=[PlaceView.model_validate(place) for place in places], next=following)
