"""Absence in an authority's area over HTTP."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from attendance_contracts.calendar import london_date, school_year, year_label
from attendance_contracts.measures import Totals
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web.guarded import GuardedRoute
from reporting_service.authorities import use_cases
from reporting_service.authorities.domain import SchoolAbsence, together
from reporting_service.schools.api import FiguresAsOf, Incomplete

router = APIRouter(prefix="/v1/authorities", tags=["authorities"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.ABSENCE_READ))]
Authority = Annotated[
    str,
    Path(description="the authority's code, three digits", pattern="^[0-9]{3}$", examples=["332"]),
]
Share = Annotated[
    float | None, Field(examples=[23.4], description="of the enrolments; null: of none")
]


class Absence(BaseModel):
    """Enrolments and their sessions in the school year so far, each at its own school.

    Never compare a year so far with a full one: absence above 10 % is commoner after one term.
    """

    possible_sessions: Annotated[int, Field(examples=[52_000])]
    authorised_sessions: Annotated[int, Field(examples=[2_600])]
    unauthorised_sessions: Annotated[int, Field(examples=[1_040])]
    attendance_percent: Annotated[
        float | None, Field(examples=[93.0], description="one decimal; null: nothing possible yet")
    ]
    enrolments: Annotated[int, Field(examples=[400], description="with a possible session")]
    persistently_absent: Annotated[
        int, Field(examples=[75], description="missed 10 % or more of their possible sessions")
    ]
    persistently_absent_percent: Share
    severely_absent: Annotated[
        int, Field(examples=[8], description="missed half or more; persistently absent, too")
    ]
    severely_absent_percent: Share

    @classmethod
    def of(cls, totals: Totals) -> Self:
        """Show totals with the shares that are published of them."""
        return cls(
            possible_sessions=totals.tally.possible,
            authorised_sessions=totals.tally.authorised,
            unauthorised_sessions=totals.tally.unauthorised,
            attendance_percent=totals.tally.attendance_percent,
            enrolments=totals.enrolments,
            persistently_absent=totals.persistent,
            persistently_absent_percent=totals.persistent_percent,
            severely_absent=totals.severe,
            severely_absent_percent=totals.severe_percent,
        )


class AbsenceAtSchool(BaseModel):
    """A school's year so far, and how fresh its figures are."""

    urn: Annotated[str, Field(examples=["100001"])]
    name: Annotated[str, Field(examples=["Heron Way Primary School"])]
    absence: Absence
    figures_as_of: FiguresAsOf
    incomplete: Incomplete

    @classmethod
    def of(cls, one: SchoolAbsence) -> Self:
        """Show a school."""
        return cls(
            urn=one.school.urn,
            name=one.school.name,
            absence=Absence.of(one.totals),
            figures_as_of=one.school.fresh_at,
            incomplete=one.is_incomplete,
        )


class AbsenceInArea(BaseModel):
    """An authority's area: all its schools together, then each of them."""

    authority_code: Annotated[str, Field(examples=["332"])]
    school_year: Annotated[str, Field(examples=["2026/27"])]
    at: datetime
    total: Absence
    schools: Annotated[
        list[AbsenceAtSchool],
        Field(description="the largest share of persistent absence first, then by URN"),
    ]


@router.get("/{authority}/absence", summary="Read absence in an authority's schools")
async def read_absence(
    authority: Authority, *, principal: Reader, db: Transaction, clock: CurrentClock
) -> AbsenceInArea:
    """For the authority itself: attendance, persistent and severe absence; sums, never a child."""
    now = clock.now()
    schools = await use_cases.read_absence(db, principal, authority, now=now)
    return AbsenceInArea(
        authority_code=authority,
        school_year=year_label(school_year(london_date(now))),
        at=now,
        total=Absence.of(together(schools)),
        schools=[AbsenceAtSchool.of(one) for one in schools],
    )
