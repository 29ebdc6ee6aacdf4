"""A school's day over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from attendance_contracts.calendar import Session, london_date
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web.guarded import GuardedRoute
from reporting_service.schools.api import FiguresAsOf, Incomplete
from reporting_service.today import use_cases
from reporting_service.today.domain import RegisterState, school_total

router = APIRouter(prefix="/v1/schools", tags=["today"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.REGISTER_READ))]
Urn = Annotated[str, Path(description="The school's URN, six digits", examples=["100001"])]


class Counts(BaseModel):
    """Children in one session; those on roll without a mark are `expected` less `marked`."""

    model_config = ConfigDict(from_attributes=True)

    expected: Annotated[int, Field(examples=[30], description="on roll today")]
    marked: Annotated[int, Field(examples=[30], description="with a mark that counts")]
    planned: Annotated[
        int, Field(examples=[0], description="with a mark, while the session is still to come")
    ]
    present: Annotated[int, Field(examples=[26])]
    late: Annotated[int, Field(examples=[1], description="in school, before or after closing")]
    elsewhere: Annotated[int, Field(examples=[0])]
    absent: Annotated[int, Field(examples=[3])]
    unexplained: Annotated[int, Field(examples=[2], description="code N, among the absent")]
    not_required: Annotated[int, Field(examples=[0])]


class ClassSession(BaseModel):
    """A class's session; `not taken`: it closed without a mark but those entered beforehand."""

    model_config = ConfigDict(from_attributes=True)

    session: Session
    register_state: Annotated[RegisterState, Field(validation_alias="register")]
    counts: Counts


class ClassToday(BaseModel):
    """A class's day."""

    model_config = ConfigDict(from_attributes=True)

    class_code: Annotated[str, Field(examples=["5A"])]
    sessions: list[ClassSession]


class UntoldFamilyView(BaseModel):
    """A child whom nobody has accounted for, and whose family nobody could tell."""

    model_config = ConfigDict(from_attributes=True)

    enrolment_id: UUID
    class_code: Annotated[str, Field(examples=["5A"])]
    untold_since: Annotated[datetime, Field(examples=["2026-09-07T08:25:01Z"])]


class SchoolToday(BaseModel):
    """A school's day: its classes, their sum, and how fresh the figures are."""

    urn: Annotated[str, Field(examples=["100001"])]
    name: Annotated[str, Field(examples=["Heron Way Primary School"])]
    date: date
    at: datetime
    figures_as_of: FiguresAsOf
    incomplete: Incomplete
    register_missing_since: Annotated[
        dict[Session, Annotated[datetime | None, Field(examples=["2026-09-07T08:25:00Z"])]],
        Field(
            description="when it was noticed that the school's register was due and not begun; "
            "none once it has a mark that was not entered beforehand",
        ),
    ]
    untold_families: Annotated[
        list[UntoldFamilyView],
        Field(
            description="children absent for no known reason whose family nobody could tell: "
            "nobody may be told, or a message to each failed; longest ago first. "
            "Somebody must look for them",
        ),
    ]
    total: dict[Session, Counts]
    classes: list[ClassToday]


@router.get("/{urn}/today", summary="Read how a school's registers stand today")
async def read_today(
    urn: Urn, *, principal: Reader, db: Transaction, clock: CurrentClock
) -> SchoolToday:
    """For the school's staff, its MIS supplier and its authority.

    Counts, and the children whose family nobody could tell; who reads of those is written to the
    access log. Their names come from `POST /v1/children/names` of register-service.
    """
    now = clock.now()
    found = await use_cases.read_today_for(db, principal, urn, now=now)
    return SchoolToday(
        urn=found.school.urn,
        name=found.school.name,
        date=london_date(now),
        at=now,
        figures_as_of=found.school.fresh_at,
        incomplete=found.is_incomplete,
        register_missing_since=dict(found.missing_since),
        untold_families=[UntoldFamilyView.model_validate(one) for one in found.untold],
        total={
            session: Counts.model_validate(counts)
            for session, counts in school_total(found.classes).items()
        },
        classes=[ClassToday.model_validate(one) for one in found.classes],
    )
