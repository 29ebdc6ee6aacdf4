"""Every statement on single marks and their amendments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from register_service.registers.domain import Amendment


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark as it stands, with the child and school it belongs to.

    The code is None where the mark was taken back: none stands, but it has a history.
    """

    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    date: date
    session: Session
    code: str | None
    revision: int


async def lock_mark(db: SqlSession, enrolment_id: UUID, day: date, of: Session) -> Mark | None:
    """What does the mark say now? Locked until the transaction ends."""
    found = await db.execute(
        text("""
            SELECT enrolments.id, child_id, school_id, code, revision
            FROM marks JOIN enrolments ON enrolments.id = marks.enrolment_id
            WHERE marks.enrolment_id = :enrolment_id AND date = :day AND session = :session
            FOR NO KEY UPDATE OF marks
        """),
        {"enrolment_id": enrolment_id, "day": day, "session": of.value},
    )
    row = found.one_or_none()
    return None if row is None else Mark(row[0], row[1], row[2], day, of, row[3], row[4])


async def amend_mark(
    db: SqlSession,
    mark: Mark,
    code: str,
    *,
    amendment: Amendment,
    amended_by: str,
    now: datetime,
) -> None:
    """Replace a mark's code and keep the revision; what its source last sent stays as it was."""
    await db.execute(
        text("""
            WITH amended AS (
                UPDATE marks SET code = :code, revision = revision + 1, recorded_at = :now
                WHERE enrolment_id = :enrolment_id AND date = :day AND session = :session
                RETURNING enrolment_id, date, session, new.revision, old.code AS previous, new.code
            )
            INSERT INTO mark_revisions (enrolment_id, date, session, revision, previous_code, code,
                    reason, amender_name, amender_title, amended_by, recorded_at)
            SELECT enrolment_id, date, session, revision, previous, code,
                   :reason, :name, :title, :amended_by, :now
            FROM amended
        """),
        {
            "enrolment_id": mark.enrolment_id,
            "day": mark.date,
            "session": mark.session.value,
            "code": code,
            "reason": amendment.reason,
            "name": amendment.name,
            "title": amendment.title,
            "amended_by": amended_by,
            "now": now,
        },
    )


async def mark_history(
    db: SqlSession, enrolment_id: UUID, day: date, of: Session
) -> Sequence[RowMapping]:
    """How did the mark come to be what it is? Oldest amendment first."""
    found = await db.execute(
        text("""
            SELECT revision, previous_code, code, reason, amender_name, amender_title, recorded_at
            FROM mark_revisions
            WHERE enrolment_id = :enrolment_id AND date = :day AND session = :session
            ORDER BY revision
        """),
        {"enrolment_id": enrolment_id, "day": day, "session": of.value},
    )
    return found.mappings().all()
