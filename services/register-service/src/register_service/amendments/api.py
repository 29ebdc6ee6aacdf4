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
from attendance_runtime import access
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import Transaction
from attendance_runtime.errors import NotFound
from attendance_runtime.runtime import CurrentClock
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.headers import ETAG
from attendance_runtime.web.preconditions import RequiredVersion, etag
from attendance_runtime.web.texts import Words
from register_service.amendments import repository, use_cases
from register_service.amendments.repository import Mark
from register_service.calendar.domain import SchoolSession, SessionAt
from register_service.registers.api import Day, PointedFault, school_session
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


async def lock_mark_at(
    path: MarkPath, db: Transaction, principal: Principal, right: Right, *, today: date
) -> tuple[Mark, SchoolSession]:
    """Return the mark that a path names, with its school's session, to whom has the right.

    A mark of another school's child is not found here, whoever asks.
    """
    at = await school_session(db, SessionAt(path.urn, path.day, path.session_name))
    await access.require(db, principal, right, objects=[at.school_id], today=today)
    mark = await repository.lock_mark(db, path.enrolment_id, path.day, path.session_name)
    if mark is None or mark.school_id != at.school_id:
        raise NotFound("This child has no mark for that session until its register is sent.")
    return mark, at


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
    today = access.today(clock.now())
    mark, at = await lock_mark_at(path, db, principal, rights.MARK_AMEND, today=today)
    amended = await use_cases.amend_mark(
        db,
        use_cases.AmendMark(
            mark=mark,
            expected_revision=version,
            code=body.code,
            amendment=Amendment(body.reason, body.amender_name, body.amender_title),
            amended_by=principal.subject,
        ),
        at,
        now=clock.now(),
    )
    response.headers["ETag"] = etag(amended.revision)
    return MarkAnswer(
        enrolment_id=mark.enrolment_id,
        date=mark.date,
        session=mark.session,
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
    today = access.today(clock.now())
    mark, _ = await lock_mark_at(path, db, principal, rights.REGISTER_READ, today=today)
    await access.log_read(db, principal, rights.REGISTER_READ, [mark.child_id])
    response.headers["ETag"] = etag(mark.revision)
    history = await repository.mark_history(db, mark.enrolment_id, mark.date, mark.session)
    return MarkHistory.of(mark, history)
