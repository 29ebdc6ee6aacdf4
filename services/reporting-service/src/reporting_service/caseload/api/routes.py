"""The one route: names are fetched once the transaction has ended."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from attendance_contracts.calendar import london_date, school_year, year_label
from attendance_contracts.identifiers import SUBJECT_ID
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Database
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web import paging
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.headers import LINK
from reporting_service.caseload import use_cases
from reporting_service.caseload.api.bodies import Caseload, Child
from reporting_service.caseload.api.register_names import Register

router = APIRouter(prefix="/v1/caseloads", tags=["caseload"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.CASELOAD_READ))]
Worker = Annotated[
    str, Path(description="the reader's own subject id", pattern=SUBJECT_ID, examples=["worker-7"])
]
After = Annotated[str | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100, description="children a page")]


async def the_database(request: Request) -> Database:
    """Give the route its database, for a transaction that ends before names are fetched."""
    database: Database = request.app.state.runtime.database
    return database


def cursor_after(child_id: UUID | None) -> str | None:
    """Return the cursor that leads on from a child; None after the last page."""
    return None if child_id is None else paging.encode([str(child_id)])


@router.get(
    "/{worker}",
    summary="Read the children allocated to a social worker",
    responses={200: {"headers": LINK}},
)
async def read_caseload(
    worker: Worker,
    *,
    principal: Reader,
    database: Annotated[Database, Depends(the_database)],
    register: Register,
    clock: CurrentClock,
    request: Request,
    response: Response,
    after: After = None,
    limit: Limit = 50,
) -> Caseload:
    """Each child with today's sessions, the time missed, flags, open cases and missing marks.

    For the allocated worker alone. The reading is written to the access log.
    """
    now = clock.now()
    place = paging.decode_id(after)
    async with database.transaction() as db:
        page = await use_cases.read_caseload(
            db, principal, worker, now=now, after=place, limit=limit
        )
    # The transaction has ended: a register that hangs must not hold a connection.
    names = await register.names_of(page.enrolments)
    cursor = cursor_after(page.continues_after)
    response.headers.update(paging.link_header(request, cursor))
    return Caseload(
        school_year=year_label(school_year(london_date(now))),
        at=now,
        names="unavailable" if names is None else "shown",
        children=[Child.of(child, names or {}) for child in page.children],
        next=cursor,
    )
