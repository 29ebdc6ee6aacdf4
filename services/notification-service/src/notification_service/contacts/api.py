"""What was sent to families, when, how, and how far it has come; never to which number."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from attendance_contracts.calendar import Session
from attendance_runtime import access
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.errors import Fault, Invalid, NotFound
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web import paging
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.headers import LINK
from notification_service.contacts import repository
from notification_service.contacts.domain import Kind, MessageState, Standing
from notification_service.contacts.repository import ContactedDay
from notification_service.schools import repository as schools

router = APIRouter(prefix="/v1", tags=["contacts"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.CONTACT_READ))]
Urn = Annotated[str, Path(description="The school's URN, six digits", examples=["100001"])]
After = Annotated[str | None, Query(description="the `next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500)]

_BEFORE_ALL = UUID(int=0)


class SessionView(BaseModel):
    """What was last said of one session."""

    session: Session
    state: Annotated[str, Field(examples=["unexplained"])]
    recorded_at: datetime


class MessageView(BaseModel):
    """One message to the family; `reason` says why one that failed did."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    round: int
    kind: Kind
    state: Annotated[MessageState, Field(examples=["delivered"])]
    channel: Annotated[str | None, Field(examples=["sms"])]
    due_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None
    reason: Annotated[str | None, Field(examples=[None])]


class EpisodeView(BaseModel):
    """One enrolment's day: what was said of it, and what the family was told."""

    id: UUID
    enrolment_id: UUID
    child_id: UUID
    date: date
    standing: Annotated[Standing, Field(examples=["told of the absence"])]
    sessions: list[SessionView]
    messages: list[MessageView]

    @classmethod
    def of(cls, day: ContactedDay) -> "EpisodeView":
        """Show an episode and its messages."""
        episode = day.episode
        return cls(
            id=episode.id,
            enrolment_id=episode.enrolment_id,
            child_id=episode.child_id,
            date=episode.date,
            standing=day.standing,
            sessions=[
                SessionView(session=session, state=fact.state, recorded_at=fact.recorded_at)
                for session, fact in sorted(episode.facts.items())
            ],
            messages=[MessageView.model_validate(message) for message in day.messages],
        )


class Contacts(BaseModel):
    """A page of a school's episodes of one day."""

    episodes: list[EpisodeView]
    next: Annotated[str | None, Field(description="give as `after` for the next page")]


@router.get(
    "/schools/{urn}/contacts",
    summary="Who was contacted about a day's absences",
    responses={200: {"headers": LINK}},
)
async def read_contacts(
    *,
    urn: Urn,
    date: Annotated[date, Query(examples=["2026-09-07"])],
    after: After = None,
    limit: Limit = 100,
    request: Request,
    response: Response,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
) -> Contacts:
    """For the school's staff and its authority: each absence nobody explained, and its messages."""
    school_id = await schools.school_of(db, urn)
    await access.require(
        db,
        principal,
        rights.CONTACT_READ,
        objects=[school_id] if school_id else [],
        today=access.today(clock.now()),
    )
    assert school_id is not None  # noqa: S101 - nobody reaches a school that is not there
    days = await repository.contacted_days(db, school_id, date, after=_place(after), limit=limit)
    await access.log_read(
        db, principal, rights.CONTACT_READ, [day.episode.child_id for day in days]
    )
    following = paging.encode([str(days[-1].episode.id)]) if len(days) == limit else None
    response.headers.update(paging.link_header(request, following))
    return Contacts(episodes=[EpisodeView.of(day) for day in days], next=following)


@router.get("/episodes/{episode_id}", summary="What was sent about one child's day")
async def read_episode(
    episode_id: UUID, principal: Reader, db: Transaction, clock: CurrentClock
) -> EpisodeView:
    """For the school's staff and its authority."""
    day = await repository.contacted_day(db, episode_id)
    if day is None:
        raise NotFound("There is nothing here that this token may see.")
    await access.require(
        db,
        principal,
        rights.CONTACT_READ,
        objects=[day.episode.school_id],
        today=access.today(clock.now()),
    )
    await access.log_read(db, principal, rights.CONTACT_READ, [day.episode.child_id])
    return EpisodeView.of(day)


def _place(after: str | None) -> UUID:
    if after is None:
        return _BEFORE_ALL
    (place,) = paging.decode(after, length=1)
    try:
        return UUID(place)
    except ValueError:
        fault = Fault("Take the cursor from the previous page's `next`.", "query:after")
        raise Invalid("This cursor leads nowhere.", [fault]) from None
