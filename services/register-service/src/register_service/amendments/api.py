"""Single marks: amended with a reason by somebody named, and how each came to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from attendance_contracts.calendar import Session
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.database import Transaction
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.headers import ETAG
from attendance_runtime.web.preconditions import RequiredVersion, etag
from attendance_runtime.web.texts import Words
from register_service.amendments import use_cases
from register_service.amendments.repository import Mark
from register_service.calendar.domain import SessionAt
from register_service.registers.api import Day, PointedFault
from register_service.registers.domain import (
    LONGEST_NAME,
    LONGEST_REASON,
    Amendment,
)

router = APIRouter(prefix="/v1", tags=["marks"], route_class=GuardedRoute)

Reader = Annotated[Principal, Depends(Allowed(rights.REGISTER_READ))]
Amender = Annotated[Principal, Depends(Allowed(rights.MARK_AMEND))]

MARK = "/schools/{urn}/marks/{enrolment_id}/{day}/{session_name}"


@dataclass(frozen=True, slots=True)
class MarkPath:
    """Which mark a path names."""

    urn: str
    enrolment_id: UUID
    day: Day
    session_name: Session

    @property
    def at(self) -> SessionAt:
        """The session of the school."""
        return SessionAt(self.urn, self.day, self.session_name)


AtPath = Annotated[MarkPath, Depends(MarkPath)]


class MarkAmendment(BaseModel):
    """A mark's new code with what the regulations want kept: reason, and who amends it."""

    code: str = Field(examples=["I"], max_length=4)
    reason: Annotated[str, Words(LONGEST_REASON)] = Field(examples=["Parent telephoned: unwell"])
    amender_name: Annotated[str, Words(LONGEST_NAME)] = Field(examples=["A. Officer"])
    amender_title: Annotated[str, Words(LONGEST_NAME)] = Field(examples=["Attendance officer"])


class MarkAnswer(BaseModel):
    """A mark as it stands, and what is worth a look about it."""

    enrolment_id: UUID
    date: date
    session: Session
    code: str
    revision: int
    warnings: list[PointedFault]


class Revision(BaseModel):
    """One amendment, or a first entry with its reason: all that the regulations want shown.

    Nothing stood before where there is no previous code; without a code the mark was taken back.
    """

    revision: int
    previous_code: str | None
    code: str | None
    reason: str
    amender_name: str
    amender_title: str
    recorded_at: datetime


class MarkHistory(BaseModel):
    """A mark with every amendment that led to it, oldest first; no code: it was taken back."""

    enrolment_id: UUID
    date: date
    session: Session
    code: str | None
    revision: int
    amendments: list[Revision]

    @classmethod
    def of(cls, mark: Mark, history: Sequence[RowMapping]) -> Self:
        """Put a mark and its history together."""
        return cls(
            enrolment_id=mark.enrolment_id,
            date=mark.date,
            session=mark.session,
            code=mark.code,
            revision=mark.revision,
            amendments=[Revision.model_validate(dict(row)) for row in history],
        )


@router.patch(MARK, summary="Amend one mark", responses={200: {"headers": ETAG}})
async def patch_mark(
    path: AtPath,
    body: MarkAmendment,
    principal: Amender,
    version: RequiredVersion,
    db: Transaction,
    clock: CurrentClock,
    response: Response,
) -> MarkAnswer:
    """Amend a mark with its reason and amender; `If-Match` names the revision that is amended."""
    order = use_cases.AmendMark(
        at=path.at,
        enrolment_id=path.enrolment_id,
        expected_revision=version,
        code=body.code,
        amendment=Amendment(body.reason, body.amender_name, body.amender_title),
    )
    amended = await use_cases.amend_mark(db, principal, order, now=clock.now())
    response.headers["ETag"] = etag(amended.revision)
    return MarkAnswer(
        enrolment_id=path.enrolment_id,
        date=path.day,
        session=path.session_name,
        code=body.code,
        revision=amended.revision,
        warnings=list(map(PointedFault.of, amended.warnings)),
    )


@router.get(
    MARK + "/history", summary="Read how a mark came to be", responses={200: {"headers": ETAG}}
)
async def read_mark_history(
    path: AtPath,
    principal: Reader,
    db: Transaction,
    clock: CurrentClock,
    response: Response,
) -> MarkHistory:
    """Read a mark and every amendment: original entry, amended entry, reason, date and amender."""
    mark, history = await use_cases.read_history_for(
        db, principal, path.at, path.enrolment_id, now=clock.now()
    )
    response.headers["ETag"] = etag(mark.revision)
    return MarkHistory.of(mark, history)
