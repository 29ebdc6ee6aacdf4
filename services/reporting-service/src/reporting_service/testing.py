"""Builders for tests: a school that tells its facts as events, and a register that knows names."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Final
from uuid import UUID

import httpx
import msgspec
import uuid_utils.compat
from httpx import BasicAuth
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from attendance_contracts.calendar import Session, register_closes_at, school_year, slot
from attendance_contracts.counting import SchoolHours
from attendance_contracts.events import (
    CalendarChanged,
    CareChanged,
    CareStatus,
    EnrolmentChanged,
    RegisterMissing,
    RegisterRecorded,
    SchoolChanged,
)
from attendance_runtime.database import SqlSession
from attendance_runtime.testing import serving
from reporting_service.consumer import ROUTES
from reporting_service.register_names import connections_to
from reporting_service.schools.domain import School

AM_STARTS: Final = time(8, 50)
PM_STARTS: Final = time(13, 0)
OPEN_MINUTES: Final = 30
HOURS: Final = SchoolHours(AM_STARTS, PM_STARTS)
ALL_YEAR: Final = tuple(range(2 * 365))

_URNS = count(100001)


def new_id() -> UUID:
    """Return a new id, ordered by time as the register's are."""
    return uuid_utils.compat.uuid7()


@dataclass
class ASchool:
    """A school that tells its facts as events, each newer than the one before."""

    urn: str = field(default_factory=lambda: str(next(_URNS)))
    id: UUID = field(default_factory=new_id)
    authority_code: str = "332"
    version: int = 0

    def _next(self) -> int:
        self.version += 1
        return self.version

    def changed(
        self, *, hours_per_day: float = 6.5, name: str = "Heron Way", hours: SchoolHours = HOURS
    ) -> SchoolChanged:
        """Tell the school's settings."""
        return SchoolChanged(
            school_id=self.id,
            urn=self.urn,
            name=name,
            phase="primary",
            authority_code=self.authority_code,
            trust=None,
            mis_supplier=None,
            am_starts_at=hours.am_starts_at,
            pm_starts_at=hours.pm_starts_at,
            register_open_minutes=OPEN_MINUTES,
            contact_grace_minutes=5,
            hours_per_day=hours_per_day,
            contact_codes=("N",),
            attendance_lead="lead-1",
            version=self._next(),
        )

    def opens(self, *school_years: int) -> list[object]:
        """Tell the settings, and that every day of these school years is one of school."""
        return [
            self.changed(),
            *(
                CalendarChanged(
                    school_id=self.id, school_year=year, slots=ALL_YEAR, version=self._next()
                )
                for year in school_years or (2025, 2026)
            ),
        ]

    def meets(self, *days: date, halves: tuple[Session, ...] = tuple(Session)) -> CalendarChanged:
        """Tell the sessions of a school year: both of each day, or only some halves."""
        return CalendarChanged(
            school_id=self.id,
            school_year=school_year(days[0]),
            slots=tuple(slot(day, half) for day in days for half in halves),
            version=self._next(),
        )

    def enrols(
        self,
        child_id: UUID | None = None,
        *,
        enrolment_id: UUID | None = None,
        starts_on: date = date(2025, 9, 1),
        ends_on: date | None = None,
        class_code: str = "5A",
    ) -> EnrolmentChanged:
        """Tell of a child's place here."""
        return EnrolmentChanged(
            enrolment_id=enrolment_id or new_id(),
            child_id=child_id or new_id(),
            school_id=self.id,
            starts_on=starts_on,
            ends_on=ends_on,
            year_group="Y5",
            class_code=class_code,
            status="main",
            version=self._next(),
        )

    def takes(
        self,
        day: date,
        half: Session,
        marks: Mapping[UUID, str] | Mapping[UUID, str | None],
        *,
        at: datetime | None = None,
    ) -> RegisterRecorded:
        """Tell a register's marks, None for one that was taken back.

        15 minutes after the session's start, unless said otherwise.
        """
        starts = AM_STARTS if half is Session.AM else PM_STARTS
        return RegisterRecorded(
            school_id=self.id,
            date=day,
            session=half,
            recorded_at=at or register_closes_at(day, starts, 15),
            enrolments=tuple(marks),
            codes=tuple(marks.values()),
            previous=None,
            minutes_late=None,
            begins_at=HOURS.begins_at(day, half),
        )

    def misses(self, day: date, half: Session, *, at: datetime | None = None) -> RegisterMissing:
        """Tell that a register is missing; at closing plus grace, unless said otherwise."""
        starts = AM_STARTS if half is Session.AM else PM_STARTS
        return RegisterMissing(
            school_id=self.id,
            date=day,
            session=half,
            recorded_at=at or register_closes_at(day, starts, OPEN_MINUTES + 5),
        )

    def settings(self, *, hours_per_day: str = "6.5") -> School:
        """Return the settings as views know them."""
        return School(
            id=self.id,
            urn=self.urn,
            name="Heron Way",
            am_starts_at=AM_STARTS,
            pm_starts_at=PM_STARTS,
            register_open_minutes=OPEN_MINUTES,
            hours_per_day=Decimal(hours_per_day),
            attendance_lead="lead-1",
            fresh_at=None,
        )


def in_care_of(
    worker: str, child_id: UUID, *, until: date | None = None, version: int = 1
) -> CareChanged:
    """Tell that a worker is allocated to a child, for good or until a day."""
    status = CareStatus(
        kind="child-in-need",
        authority_code="332",
        worker=worker,
        team="north",
        valid_from=date(2025, 9, 1),
        valid_to=until,
    )
    return CareChanged(child_id=child_id, statuses=(status,), version=version)


async def tell(db: SqlSession, *events: object, now: datetime) -> None:
    """Apply events as the consumer does with a batch: route by route, in the table's order."""
    for route in ROUTES:
        batch = [event for event in events if isinstance(event, route.events)]
        if batch:
            await route.use_case(db, batch, now=now)


@dataclass
class StandInRegister:
    """Answers as the register and the token issuer do, and remembers whose token asked for names.

    Attributes:
        status: what it answers a request for names with; anything but 200 is an ailing register.
        hidden: enrolments that it does not show to the reader.
        marks: what the bulk read gives out, two marks a page.
        copies: what the other bulk reads give out, by their names.
        opens: the place of the page that the token of now opens; each opens one page only.
    """

    url: str = ""
    status: int = 200
    hidden: set[str] = field(default_factory=set)
    authorizations: list[str] = field(default_factory=list)
    marks: list[tuple[UUID, date, Session, str]] = field(default_factory=list)
    copies: dict[str, list[object]] = field(default_factory=dict)
    opens: int = 0

    @property
    def token(self) -> str:
        """The token that is issued and accepted now."""
        return f"token-{self.opens}"

    @property
    def routes(self) -> list[Route]:
        """What it can be asked."""
        return [
            Route("/v1/children/names", self.names, methods=["POST"]),
            Route("/v1/bulk/marks", self.read_marks),
            Route("/v1/bulk/{what}", self.read_copies),
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/token", self.issue_token, methods=["POST"]),
        ]

    async def names(self, request: Request) -> Response:
        """Name every child Robin Example."""
        self.authorizations.append(request.headers["authorization"])
        asked = (await request.json())["enrolment_ids"]
        children = [
            {"enrolment_id": enrolment_id, "forename": "Robin", "surname": "Example"}
            for enrolment_id in asked
            if enrolment_id not in self.hidden
        ]
        return JSONResponse({"children": children}, self.status)

    async def read_marks(self, request: Request) -> Response:
        """Give out a page of marks, to the bearer of that page's token."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Response(status_code=401)
        after = int(request.query_params.get("after", "0"))
        self.opens = after + 2
        following = str(after + 2) if after + 2 < len(self.marks) else None
        page = [
            (str(enrolment_id), day.isoformat(), half, code)
            for enrolment_id, day, half, code in self.marks[after : after + 2]
        ]
        return JSONResponse({"marks": page, "next": following})

    async def read_copies(self, request: Request) -> Response:
        """Give out every item of one kind, on one page."""
        page = {"items": self.copies.get(request.path_params["what"], []), "next": None}
        return Response(msgspec.json.encode(page), media_type="application/json")

    async def discovery(self, _: Request) -> Response:
        """Tell where tokens are issued."""
        return JSONResponse({"token_endpoint": f"{self.url}/token"})

    async def issue_token(self, request: Request) -> Response:
        """Issue the token that is valid now to the client `reporting` with the secret `quiet`."""
        known = BasicAuth("reporting", "quiet").auth_flow(httpx.Request("POST", self.url))
        is_known = next(known).headers["authorization"] == request.headers["authorization"]
        return JSONResponse({"access_token": self.token}, 200 if is_known else 401)


@asynccontextmanager
async def stand_in_register() -> AsyncIterator[StandInRegister]:
    """Serve a stand-in on loopback while the block lasts."""
    register = StandInRegister()
    async with serving(Starlette(routes=register.routes)) as register.url:
        yield register
        await connections_to(register.url).aclose()
