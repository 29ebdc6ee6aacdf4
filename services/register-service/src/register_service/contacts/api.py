"""`POST /v1/contacts/eligible`: asked by the sender immediately before every hand-over."""

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from attendance_contracts.calendar import Session
from attendance_runtime.access import Allowed, rights
from attendance_runtime.database import OneStatement
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web.guarded import LARGE_BODY_BYTES, GuardedRoute
from register_service.absences.domain import Standing
from register_service.calendar.domain import FIRST_DAY
from register_service.contacts import use_cases
from register_service.contacts.domain import Question
from register_service.contacts.use_cases import Eligibility
from register_service.schools.api import WallClock

router = APIRouter(prefix="/v1/contacts", tags=["contacts"], route_class=GuardedRoute)

SomeDay: TypeAlias = date | None


class Check(BaseModel):
    """One question: may anybody be told about this child's absence on this day?"""

    enrolment_id: UUID
    date: Annotated[date, Field(ge=FIRST_DAY)]
    purpose: Literal["first-contact", "correction"]


class Checks(BaseModel):
    """A batch of questions, answered together."""

    checks: list[Check] = Field(max_length=1000)


class Recipient(BaseModel):
    """One person who may be told, and how to reach them now."""

    contact_id: UUID
    name: str
    mobile: Annotated[
        str | None,
        Field(
            description="The number to text, in E.164; null: no text can go to this person.",
            examples=["+447700900123"],
        ),
    ]
    email: str | None
    language: str
    priority: int


class Answer(BaseModel):
    """Who may be told; `open` says whether the absence still is, `sessions` in which sessions.

    `stands` says what the day's marks mean now: here (or not expected), unexplained, explained,
    settled (by the office, by name) or retracted. A correction goes outside the quiet hours, and
    not after `next_school_day`, which is given for corrections alone.
    """

    enrolment_id: UUID
    date: date
    purpose: Literal["first-contact", "correction"]
    child_name: str
    school_name: str
    open: bool
    sessions: list[Session]
    stands: Annotated[dict[Session, Standing], Field(examples=[{"AM": "unexplained"}])]
    quiet_from: Annotated[WallClock, Field(examples=["20:00:00"])]
    quiet_until: Annotated[WallClock, Field(examples=["08:00:00"])]
    next_school_day: Annotated[SomeDay, Field(examples=["2026-09-08"])]
    recipients: list[Recipient]


class Answers(BaseModel):
    """An answer for each check whose child is known."""

    answers: list[Answer]


@router.post(
    "/eligible",
    summary="Who may be told now",
    max_body_size=LARGE_BODY_BYTES,
    dependencies=[Depends(Allowed(rights.CONTACTS_ELIGIBLE))],
)
async def read_eligible(body: Checks, db: OneStatement, clock: CurrentClock) -> Answers:
    """Say who may be told about each child now.

    For a first contact nobody is named unless the absence is open at this moment; a correction is
    for those who were told before, so its recipients are named whatever the register says now.
    """
    found = await use_cases.find_eligible(
        db,
        [
            Question(check.enrolment_id, check.date, is_correction=check.purpose == "correction")
            for check in body.checks
        ],
    )
    by_child = {(item.child.enrolment_id, item.child.day): item for item in found}
    return Answers(
        answers=[
            _answer(check, by_child[check.enrolment_id, check.date], now=clock.now())
            for check in body.checks
            if (check.enrolment_id, check.date) in by_child
        ]
    )


def _answer(check: Check, found: Eligibility, *, now: datetime) -> Answer:
    open_sessions = found.child.open_sessions(now)
    told = open_sessions or check.purpose == "correction"
    return Answer(
        enrolment_id=check.enrolment_id,
        date=check.date,
        purpose=check.purpose,
        child_name=found.child.child_name,
        school_name=found.child.school_name,
        open=bool(open_sessions),
        sessions=list(open_sessions),
        stands=dict(found.child.stands(now)),
        quiet_from=found.child.quiet_from,
        quiet_until=found.child.quiet_until,
        next_school_day=found.child.next_school_day,
        recipients=[
            Recipient(
                contact_id=contact.contact_id,
                name=contact.name,
                mobile=contact.text_to,
                email=contact.email,
                language=contact.language,
                priority=contact.priority,
            )
            for contact in (found.recipients if told else ())
        ],
    )
