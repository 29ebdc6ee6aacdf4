"""What a caseload page looks like on the wire."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from attendance_contracts.calendar import Session
from reporting_service.caseload.api.register_names import PupilName
from reporting_service.caseload.domain import ChildFigures, EnrolmentFigures, Missed
from reporting_service.cases.domain import Case
from reporting_service.schools.api import FiguresAsOf, Incomplete

Names = Mapping[UUID, PupilName]


class TimeMissed(BaseModel):
    """Absence in a period: two sessions are a day, and a day has the school's own hours."""

    sessions: Annotated[int, Field(examples=[9])]
    days: Annotated[float, Field(examples=[4.5])]
    hours: Annotated[float | None, Field(examples=[29.3], description="null: hours a day unknown")]
    authorised_sessions: Annotated[int, Field(examples=[4])]
    unauthorised_sessions: Annotated[int, Field(examples=[5])]
    possible_sessions: Annotated[int, Field(examples=[20])]

    @classmethod
    def of(cls, missed: Missed) -> Self:
        """Show the time missed in a period."""
        return cls(**_time(missed))


class YearMissed(TimeMissed):
    """Absence in the school year so far, with what is published of it.

    Never compare a year so far with a full one: absence above 10 % is commoner after one term.
    """

    attendance_percent: Annotated[
        float | None, Field(examples=[89.9], description="one decimal; null: nothing possible yet")
    ]
    persistently_absent: Annotated[
        bool, Field(description="10 % or more of the possible sessions missed, unrounded")
    ]
    severely_absent: Annotated[
        bool, Field(description="half or more of the possible sessions missed, unrounded")
    ]

    @classmethod
    def of(cls, missed: Missed) -> Self:
        """Show the time missed in a school year."""
        return cls(
            **_time(missed),
            attendance_percent=missed.tally.attendance_percent,
            persistently_absent=missed.tally.is_persistent,
            severely_absent=missed.tally.is_severe,
        )


def _time(missed: Missed) -> dict[str, float | None]:
    return {
        "sessions": missed.tally.absent,
        "days": float(missed.days),
        "hours": None if missed.hours is None else float(missed.hours),
        "authorised_sessions": missed.tally.authorised,
        "unauthorised_sessions": missed.tally.unauthorised,
        "possible_sessions": missed.tally.possible,
    }


class Today(BaseModel):
    """One of today's sessions."""

    session: Session
    state: Annotated[
        str,
        Field(
            examples=["absent"],
            description="where the mark says the child is: present, late, elsewhere, absent, "
            "not required; or why no mark counts: planned (one is entered, and the session to "
            "come), awaited (the register is open or to come), missing (it has closed), no "
            "session, not on roll",
        ),
    ]
    code: Annotated[str | None, Field(examples=["N"])]
    meaning: Annotated[str | None, Field(examples=["reason not yet established"])]


class OpenCase(BaseModel):
    """A case that a policy's rule opened and nobody has closed."""

    case_id: UUID
    policy: Annotated[str, Field(examples=["dudley"])]
    rule: Annotated[str, Field(examples=["ten-days-unauthorised"])]
    opened_at: datetime | None
    assigned_to: Annotated[str | None, Field(description="opaque subject id")]

    @classmethod
    def of(cls, case: Case) -> Self:
        """Show a case."""
        return cls(
            case_id=case.id,
            policy=case.policy,
            rule=case.rule,
            opened_at=case.opened_at,
            assigned_to=case.assigned_to,
        )


class School(BaseModel):
    """The school of an enrolment, and the person to speak to."""

    urn: Annotated[str, Field(examples=["100001"])]
    name: Annotated[str, Field(examples=["Heron Way Primary School"])]
    attendance_lead: Annotated[str | None, Field(description="opaque subject id")]


class Name(BaseModel):
    """A child's name, fetched from the register under the reader's own rights."""

    forename: Annotated[str, Field(examples=["Robin"])]
    surname: Annotated[str, Field(examples=["Example"])]


class Enrolment(BaseModel):
    """A child at one school; attendance is measured for each enrolment by itself."""

    enrolment_id: UUID
    name: Annotated[
        Name | None,
        Field(
            description="null: the register did not answer, or the reader may not see it",
            examples=[{"forename": "Robin", "surname": "Example"}],
        ),
    ]
    school: Annotated[School | None, Field(description="null: its settings have not arrived")]
    year_group: str
    class_code: Annotated[str, Field(examples=["5A"])]
    status: Literal["main", "subsidiary"]
    starts_on: date
    ends_on: date | None
    today: list[Today]
    last_ten_school_days: TimeMissed
    last_ten_school_days_from: date | None
    last_ten_school_days_to: date | None
    school_year: YearMissed
    late_sessions: Annotated[int, Field(description="arrived late, before or after closing")]
    missing_marks: Annotated[
        int, Field(description="closed sessions of the school year that nobody marked")
    ]
    planned_absences: Annotated[
        int,
        Field(
            examples=[2],
            description="sessions to come in which an absence is entered; in no other figure",
        ),
    ]
    open_cases: list[OpenCase]
    figures_as_of: FiguresAsOf
    incomplete: Incomplete

    @classmethod
    def of(cls, one: EnrolmentFigures, names: Names) -> Self:
        """Show an enrolment's figures, with the name if the register gave it."""
        enrolment, view, name = one.enrolment, one.view, names.get(one.enrolment.id)
        first, last = view.recent_days or (None, None)
        return cls(
            enrolment_id=enrolment.id,
            name=name and Name(forename=name.forename, surname=name.surname),
            school=view.school and School.model_validate(view.school, from_attributes=True),
            year_group=enrolment.year_group,
            class_code=enrolment.class_code,
            status=enrolment.status,
            starts_on=enrolment.starts_on,
            ends_on=enrolment.ends_on,
            today=[Today.model_validate(today, from_attributes=True) for today in one.today],
            last_ten_school_days=TimeMissed.of(one.recent),
            last_ten_school_days_from=first,
            last_ten_school_days_to=last,
            school_year=YearMissed.of(one.year),
            late_sessions=one.late_sessions,
            missing_marks=one.missing_marks,
            planned_absences=one.planned_absences,
            open_cases=[OpenCase.of(case) for case in one.open_cases],
            figures_as_of=view.school and view.school.fresh_at,
            incomplete=one.is_incomplete,
        )


class Care(BaseModel):
    """A status with children's social care that is valid today."""

    kind: Annotated[str, Field(examples=["child-in-need"])]
    authority_code: Annotated[str, Field(examples=["332"])]
    team: str | None
    valid_from: date
    valid_to: date | None


class Together(BaseModel):
    """All of a child's enrolments together: a sum for casework, never a published measure."""

    label: Annotated[str, Field(examples=["sum of 2 enrolments"])]
    last_ten_school_days: TimeMissed
    school_year: YearMissed


class Child(BaseModel):
    """A child on the caseload; without an enrolment, a child on no school's roll this year."""

    child_id: UUID
    care: list[Care]
    enrolments: list[Enrolment]
    together: Together

    @classmethod
    def of(cls, child: ChildFigures, names: Names) -> Self:
        """Show a child's figures."""
        count = len(child.enrolments)
        return cls(
            child_id=child.child_id,
            care=[Care.model_validate(status, from_attributes=True) for status in child.care],
            enrolments=[Enrolment.of(one, names) for one in child.enrolments],
            together=Together(
                label=f"sum of {count} enrolment{'' if count == 1 else 's'}",
                last_ten_school_days=TimeMissed.of(child.recent),
                school_year=YearMissed.of(child.year),
            ),
        )


class Caseload(BaseModel):
    """A page of a caseload, ordered by child."""

    school_year: Annotated[str, Field(examples=["2026/27"])]
    at: Annotated[datetime, Field(description="the moment that `today` is read from")]
    names: Annotated[
        Literal["shown", "unavailable"],
        Field(description="unavailable: the register did not answer; every name is null"),
    ]
    children: list[Child]
    next: Annotated[str | None, Field(description="send it as `after` for the next page")]
