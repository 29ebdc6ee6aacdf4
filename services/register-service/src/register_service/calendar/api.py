"""The routes of school years: terms and closures in, sessions out."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from attendance_contracts.calendar import Session, year_label
from attendance_contracts.events import CalendarChanged
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web import paging
from attendance_runtime.web.guarded import BULK_BODY_BYTES, LARGE_BODY_BYTES, GuardedRoute
from attendance_runtime.web.headers import ETAG
from attendance_runtime.web.preconditions import etag
from register_service.calendar import use_cases
from register_service.calendar.domain import Closure, KeptYear, Term, calendar_changed
from register_service.calendar.use_cases import SetCalendar
from register_service.lines import api as bulk
from register_service.lines.api import Answer
from register_service.lines.domain import State

router = APIRouter(prefix="/v1", tags=["calendars"], route_class=GuardedRoute)

Writer = Annotated[Principal, Depends(Allowed(rights.CALENDAR_WRITE))]
Reader = Annotated[Principal, Depends(Allowed(rights.SCHOOL_READ))]
Urn = Annotated[str, Path(description="The school's URN, six digits", examples=["100001"])]
Year = Annotated[
    int, Path(description="The year in which it starts", examples=[2026], ge=2000, le=2100)
]
Reason = Literal["INSET", "half-term", "closure", "bank-holiday", "polling-day", "other"]


class TermBody(BaseModel):
    """A term, both days included."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: Annotated[date, Field(alias="from", examples=["2026-09-01"])]
    last: Annotated[date, Field(alias="to", examples=["2027-07-20"])]


class ClosureBody(BaseModel):
    """A day, or one session of it, on which the school does not meet in term."""

    model_config = ConfigDict(extra="forbid")

    date: Annotated[date, Field(examples=["2026-10-26"])]
    session: Session | None = None
    reason: Annotated[Reason, Field(examples=["half-term"])]


_HALF_TERM: Final = {"date": "2026-10-26", "session": None, "reason": "half-term"}


class CalendarBody(BaseModel):
    """A school's year: weekdays inside the terms, less the closures, are its school days."""

    model_config = ConfigDict(extra="forbid")

    terms: Annotated[list[TermBody], Field(max_length=50)]
    closures: Annotated[list[ClosureBody], Field(max_length=800, examples=[[_HALF_TERM]])] = []

    def order(self, urn: str, school_year: int) -> SetCalendar:
        """Return the order to set a school's year to this."""
        return SetCalendar(
            urn=urn,
            school_year=school_year,
            terms=tuple(Term(term.first, term.last) for term in self.terms),
            closures=tuple(Closure(day.date, day.reason, day.session) for day in self.closures),
        )


class CalendarLine(CalendarBody):
    """One school's year of many."""

    urn: Annotated[str, Field(examples=["100001"])]
    school_year: Annotated[int, Field(examples=[2026], ge=2000, le=2100)]


class CalendarView(BaseModel):
    """A school's year as the register keeps it."""

    school_year: int
    label: Annotated[str, Field(examples=["2026/27"])]
    terms: list[TermBody]
    closures: list[ClosureBody]
    slots: Annotated[
        list[int],
        Field(description="sessions held: days since 1 September, times 2, plus 1 for PM"),
    ]
    version: int

    @classmethod
    def of(cls, kept: KeptYear) -> "CalendarView":
        """Show a year."""
        return cls(
            school_year=kept.year,
            label=year_label(kept.year),
            terms=[TermBody(first=term.first, last=term.last) for term in kept.terms],
            closures=[
                ClosureBody.model_validate(
                    {"date": day.day, "session": day.session, "reason": day.reason}
                )
                for day in kept.closures
            ],
            slots=list(kept.slots),
            version=kept.version,
        )


class CalendarKept(CalendarView):
    """A year after a PUT, and what the PUT changed."""

    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAnswer(Answer):
    """What became of one school's year of many."""

    urn: str
    school_year: int


@router.put(
    "/schools/{urn}/calendars/{school_year}",
    summary="Set a school's year",
    max_body_size=LARGE_BODY_BYTES,
    responses={
        200: {"headers": ETAG},
        201: {"model": CalendarKept, "description": "Created", "headers": ETAG},
    },
)
async def put_calendar(
    *,
    urn: Urn,
    school_year: Year,
    body: CalendarBody,
    response: Response,
    principal: Writer,
    db: Transaction,
    clock: CurrentClock,
) -> CalendarKept:
    """Replaces the whole year; the same year again changes nothing and says so."""
    order = body.order(urn, school_year)
    kept, state = await use_cases.set_calendar(db, principal, order, now=clock.now())
    response.headers["ETag"] = etag(kept.version)
    if state is State.CREATED:
        response.status_code = HTTPStatus.CREATED
    return CalendarKept(**CalendarView.of(kept).model_dump(), state=state)


@router.get(
    "/schools/{urn}/calendars/{school_year}",
    summary="Read a school's year",
    responses={200: {"headers": ETAG}},
)
async def read_calendar(
    *,
    urn: Urn,
    school_year: Year,
    response: Response,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
) -> CalendarView:
    """For the school's staff, its MIS supplier and its authority."""
    kept = await use_cases.read_year(db, principal, urn, school_year, now=clock.now())
    response.headers["ETag"] = etag(kept.version)
    return CalendarView.of(kept)


@router.post(
    "/calendars",
    summary="Set many schools' years",
    max_body_size=BULK_BODY_BYTES,
    openapi_extra=bulk.described(CalendarLine, CalendarAnswer),
    response_class=Response,
)
async def put_calendars(
    request: Request, *, principal: Writer, db: Transaction, clock: CurrentClock
) -> Response:
    """A line a school and year, an answer a line; good lines are kept."""
    body = await bulk.read_lines(request, bulk.by_pydantic(CalendarLine))
    orders = {number: line.order(line.urn, line.school_year) for number, line in body.lines.items()}
    decisions = await use_cases.set_calendars(db, principal, orders, now=clock.now())
    return body.answer(
        CalendarAnswer(
            line=made.line,
            urn=orders[made.line].urn,
            school_year=orders[made.line].school_year,
            state=made.state,
            errors=made.faults,
        )
        for made in decisions
    )


class CalendarsPage(BaseModel):
    """A page of school years, each as the other services are told; `next` is None on the last."""

    items: list[CalendarChanged]
    next: str | None


@router.get(
    "/bulk/calendars",
    summary="Read every school's years, to rebuild a copy",
    dependencies=[Depends(Allowed(rights.BULK_READ))],
)
async def read_calendars_in_bulk(
    *,
    db: Transaction,
    school_id: UUID | None = None,
    place: paging.CopyPlace,
) -> CalendarsPage:
    """For the platform's own services alone; with `school_id` only that school's.

    `limit` counts schools; all years of a school are on one page.
    """
    found = await use_cases.years_to_copy(
        db, place.after, schools=place.limit + 1, school_id=school_id
    )
    schools, following = paging.cut(list(found), place.limit, lambda school: school)
    items = [calendar_changed(year) for school in schools for year in found[school]]
    return CalendarsPage(items=items, next=following)
