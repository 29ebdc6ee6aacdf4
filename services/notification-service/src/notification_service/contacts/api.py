"""What was sent to families, when, how, and how far it has come; never to which number.

And whom the office is to ring, where no correction could go in time.
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from attendance_contracts.calendar import Session
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web import paging
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.headers import ETAG, LINK
from attendance_runtime.web.preconditions import RequiredVersion, etag
from notification_service.contacts import use_cases
from notification_service.contacts.domain import CallOutcome, ContactedDay, Kind, Standing
from notification_service.contacts.use_cases import Asked, Page, RecordCall
from notification_service.messages.domain import Kept, MessageState

router = APIRouter(prefix="/v1", tags=["contacts"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.CONTACT_READ))]
Office = Annotated[Principal, Depends(Allowed(rights.CONTACT_WRITE))]
Urn = Annotated[str, Path(description="The school's URN, six digits", examples=["100001"])]
After = Annotated[str | None, Query(description="the `next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500)]


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


class CallBody(BaseModel):
    """What became of a call: the family knows now, or nobody needed to ring."""

    model_config = ConfigDict(extra="forbid")

    outcome: Annotated[CallOutcome, Field(description="What became of it.", examples=["told"])]


class CallView(CallBody):
    """What somebody of the office said of a call, and when."""

    model_config = ConfigDict(from_attributes=True)

    made_at: Annotated[datetime, Field(examples=["2026-09-09T08:40:00Z"])]
    made_by: Annotated[str, Field(description="The subject id of who it was.", examples=["lead-7"])]


class EpisodeView(BaseModel):
    """One enrolment's day: what was said of it, and what the family was told."""

    id: UUID
    enrolment_id: UUID
    child_id: UUID
    date: date
    standing: Annotated[Standing, Field(examples=["told of the absence"])]
    sessions: list[SessionView]
    messages: list[MessageView]
    call: Annotated[
        CallView | None,
        Field(description="what became of the call that the office owed; null: none was made"),
    ]
    version: int

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
            call=None if day.call is None else CallView.model_validate(day.call),
            version=episode.version,
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
    asked = Asked(urn=urn, after=paging.decode_id(after), limit=limit)
    page = await use_cases.read_contacts_for(db, principal, asked, date, now=clock.now())
    following = _next(page, request, response)
    return Contacts(episodes=[EpisodeView.of(day) for day in page.days], next=following)


class OwedCall(BaseModel):
    """A family to ring: it was told that its child is missing, and no message may tell otherwise.

    The child was there, in education elsewhere or not expected. `contact_id` is who was told.
    """

    episode_id: UUID
    enrolment_id: UUID
    child_id: UUID
    date: date
    contact_id: UUID
    reason: Annotated[
        str,
        Field(
            examples=["too-late"],
            description="why no correction went: `too-late`, `no-longer-allowed` (this person may "
            "not be told any more), or it did not arrive (`refused`, `permanent-failure` …)",
        ),
    ]
    owed_since: Annotated[datetime, Field(examples=["2026-09-09T08:05:01Z"])]
    version: int

    @classmethod
    def of(cls, day: ContactedDay, correction: Kept) -> "OwedCall":
        """Show a day whose correction did not go."""
        return cls.model_validate(
            {
                "episode_id": day.episode.id,
                "enrolment_id": day.episode.enrolment_id,
                "child_id": day.episode.child_id,
                "date": day.episode.date,
                "contact_id": correction.contact_id,
                "reason": correction.reason,
                "owed_since": correction.settled_at,
                "version": day.episode.version,
            }
        )


class Calls(BaseModel):
    """A page of the families that a school's office is to ring; some pages hold fewer."""

    calls: list[OwedCall]
    next: Annotated[str | None, Field(description="give as `after` for the next page")]


@router.get(
    "/schools/{urn}/calls",
    summary="Whom the office is to ring, no correction having gone",
    responses={200: {"headers": LINK}},
)
async def read_calls(
    *,
    urn: Urn,
    after: After = None,
    limit: Limit = 100,
    request: Request,
    response: Response,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
) -> Calls:
    """For the school's staff and its authority: of every day, until somebody says it is done."""
    asked = Asked(urn=urn, after=paging.decode_id(after), limit=limit)
    page = await use_cases.read_calls_for(db, principal, asked, now=clock.now())
    following = _next(page, request, response)
    owed = [(day, correction) for day in page.days if (correction := day.not_corrected)]
    return Calls(calls=[OwedCall.of(day, correction) for day, correction in owed], next=following)


@router.get(
    "/episodes/{episode_id}",
    summary="What was sent about one child's day",
    responses={200: {"headers": ETAG}},
)
async def read_episode(
    episode_id: UUID, *, response: Response, principal: Reader, db: Transaction, clock: CurrentClock
) -> EpisodeView:
    """For the school's staff and its authority.

    Its `ETag` changes with whatever is heard of the day, and not as messages come further.
    """
    day = await use_cases.read_episode_for(db, principal, episode_id, now=clock.now())
    response.headers["ETag"] = etag(day.episode.version)
    return EpisodeView.of(day)


@router.post(
    "/episodes/{episode_id}/call",
    summary="Say what became of a call that the office owed",
    responses={
        200: {"headers": ETAG},
        409: {"description": "Nobody is to be rung, or it was said otherwise; read the episode."},
    },
)
async def record_call(
    episode_id: UUID,
    body: CallBody,
    *,
    response: Response,
    principal: Office,
    version: RequiredVersion,
    db: Transaction,
    clock: CurrentClock,
) -> EpisodeView:
    """For the school's staff: who says it is kept, and the call is owed no more.

    `If-Match` names the version that was read. Sent twice, it is taken once.
    """
    command = RecordCall(episode_id=episode_id, outcome=body.outcome, version_seen=version)
    day = await use_cases.record_call(db, principal, command, now=clock.now())
    response.headers["ETag"] = etag(day.episode.version)
    return EpisodeView.of(day)


def _next(page: Page, request: Request, response: Response) -> str | None:
    """Return the cursor of the next page, which `Link` names too; None after the last."""
    cursor = paging.encode([str(page.continues_after)]) if page.continues_after else None
    response.headers.update(paging.link_header(request, cursor))
    return cursor
