"""Reading registers back: one for its readers, all of them for a copy."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping

from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import NotFound
from register_service.calendar import repository as calendars
from register_service.calendar.domain import SchoolSession, SessionAt
from register_service.registers import repository
from register_service.registers.domain import RegisterKey
from register_service.roll import repository as roll


async def read_register_for(
    db: SqlSession, principal: Principal, at: SessionAt, class_code: str, *, now: datetime
) -> tuple[Sequence[RowMapping], SchoolSession]:
    """Return a register's rows, one a child on roll, and what its school says of the session.

    Raises `NotFound` for a school that the caller does not reach, and for a class of no pupils.
    """
    school = await school_session_for(db, principal, rights.REGISTER_READ, at, now=now)
    register = RegisterKey(school.school_id, at.day, at.session, class_code)
    entries = await repository.read_register(db, register)
    if class_code and not entries:
        raise NotFound("Nobody was in a class of this name that day; write it as the roll does.")
    return entries, school


async def school_session_for(
    db: SqlSession, principal: Principal, right: Right, at: SessionAt, *, now: datetime
) -> SchoolSession:
    """Return what a school says of a session to whoever has a right to it; raise `NotFound`."""
    found = await calendars.find_school_sessions(db, [at])
    if at not in found:
        raise NotFound("There is nothing here that this token may see.")
    school = found[at]
    today = access.today(now)
    await access.require(db, principal, right, objects=[school.school_id], today=today)
    return school


async def marks_to_copy(
    db: SqlSession, after: UUID, *, limit: int, school_id: UUID | None
) -> tuple[list[UUID], list[tuple[UUID, date, str, str]]]:
    """Return the next enrolments, and every mark of the first `limit` of them, in their order.

    One enrolment more than that, where there are more.
    """
    only = roll.Only(school_id=school_id)
    found = await roll.enrolments_after(db, after, limit=limit + 1, only=only)
    enrolments = [enrolment.id for enrolment in found]
    return enrolments, await repository.marks_of(db, enrolments[:limit])
