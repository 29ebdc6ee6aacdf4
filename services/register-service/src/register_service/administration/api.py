"""The way in of the platform's administrator: the list of establishments."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from attendance_runtime.access import Allowed, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web.guarded import BULK_BODY_BYTES, GuardedRoute
from register_service.administration import use_cases
from register_service.establishments.api import COLUMNS, read_file
from register_service.establishments.domain import (
    Establishment,
    Phase,
    Status,
    check_establishment,
)
from register_service.lines import api as bulk
from register_service.lines.api import Answer, Body, Unreadable

router = APIRouter(prefix="/v1", tags=["administration"], route_class=GuardedRoute)


CSV: Final = "text/csv"
LINES_AT_MOST: Final = 100_000
"""Twice as many as the register of schools holds, the closed ones included."""


class EstablishmentLine(BaseModel):
    """One establishment, as the register of schools has it."""

    model_config = ConfigDict(extra="forbid")

    urn: Annotated[str, Field(examples=["100001"], description="six digits")]
    authority_code: Annotated[str, Field(examples=["332"], description="three digits")]
    number: Annotated[
        str | None,
        Field(
            examples=["2001"],
            description="four digits; after the authority's they make the LAESTAB",
        ),
    ] = None
    name: Annotated[str, Field(examples=["Heron Way Primary School"])]
    kind: Annotated[
        str | None,
        Field(
            examples=["Community school"],
            description="the type's name in the register of schools; types that keep no attendance "
            "register are listed and given to nobody",
        ),
    ] = None
    phase: Annotated[Phase | None, Field(examples=["primary"])] = None
    status: Annotated[Status, Field(examples=["open"])] = Status.OPEN
    opened_on: Annotated[date | None, Field(examples=["1998-09-01"])] = None
    closed_on: Annotated[
        date | None, Field(examples=["2027-08-31"], description="its last day, also one to come")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishmentAnswer(Answer):
    """What became of one line of the list."""

    urn: str


def _described() -> dict[str, Any]:
    described = bulk.described(EstablishmentLine, EstablishmentAnswer)
    heading = ",".join(COLUMNS.values())
    row = "100001,332,2001,Heron Way Primary School,Community school,Primary,Open,01-09-1998,"
    described["requestBody"]["content"][CSV] = {
        "schema": {"type": "string"},
        "example": f"{heading}\n{row}\n",
    }
    return described


@router.post(
    "/establishments",
    summary="Load the list of establishments",
    max_body_size=BULK_BODY_BYTES,
    openapi_extra=_described(),
    response_class=Response,
    # No scope alone makes an administrator: the organisation does.
    responses={404: {}},
    dependencies=[Depends(Allowed(rights.PLATFORM_ADMINISTER))],
)
async def load_establishments(
    request: Request, *, db: Transaction, clock: CurrentClock
) -> Response:
    """For the platform's administrator alone; a line an establishment, an answer a line.

    It says which authority may write the settings of which school. As CSV it is the file of the
    register of schools, whose further columns are left unread; faults then name the column. Lines
    may be sent in parts: what a request does not name stays as it is. The same lines again change
    nothing. A school that the list moves to another authority is that authority's at once.
    """
    is_file = bulk.content_type(request) == CSV
    body = await (_read_file(request) if is_file else _read_lines(request))
    decisions = await use_cases.load_list(db, body.lines, now=clock.now())
    return body.answer(
        EstablishmentAnswer(line=made.line, urn=made.urn, state=made.state, errors=made.faults)
        for made in decisions
    )


async def _read_file(request: Request) -> Body[Establishment]:
    # A second of work for all of England, which other callers need not wait for.
    return await asyncio.to_thread(read_file, await request.body())


async def _read_lines(request: Request) -> Body[Establishment]:
    return await bulk.read_lines(request, _decode, at_most=LINES_AT_MOST)


_decode_line = bulk.by_pydantic(EstablishmentLine)


def _decode(line: bytes) -> Establishment:
    found = Establishment(**dict(_decode_line(line)))
    if faults := check_establishment(found):
        raise Unreadable(*faults)
    return found
