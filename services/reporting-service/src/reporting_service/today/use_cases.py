"""Reading a school's day, and keeping which registers were missing and which families untold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from attendance_contracts.calendar import Session, school_year
from attendance_contracts.events import ContactExhausted, ContactSent, RegisterMissing
from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import NotFound
from attendance_runtime.messaging.dead_letters import incomplete_keys
from reporting_service.schools import repository as schools
from reporting_service.schools.domain import School, event_keys
from reporting_service.today import repository
from reporting_service.today.domain import (
    ClassToday,
    UntoldFamily,
    classes_today,
    last_words,
    still_missing,
)


@dataclass(frozen=True, slots=True)
class SchoolToday:
    """A school's day, class by class; incomplete when an event could not be applied."""

    school: School
    classes: Sequence[ClassToday]
    missing_since: Mapping[Session, datetime | None]
    untold: Sequence[UntoldFamily]
    is_incomplete: bool


async def read_today_for(
    db: SqlSession, principal: Principal, urn: str, *, now: datetime
) -> SchoolToday:
    """Read the day of the school with this URN, if the caller may read its registers.

    Raises `NotFound` for an unknown school and for one that is not the caller's.
    """
    school_id = await schools.school_id_of(db, urn)
    if school_id is None:
        raise NotFound("There is nothing here that this token may see.")
    today = access.today(now)
    await access.require(db, principal, rights.REGISTER_READ, objects=[school_id], today=today)
    return await read_today(db, principal, school_id, now=now)


async def read_today(
    db: SqlSession, principal: Principal, school_id: UUID, *, now: datetime
) -> SchoolToday:
    """Read a school's day as its year rows stand now; children in it go to the access log."""
    today = access.today(now)
    year = school_year(today)
    school = (await schools.schools_by_id(db, [school_id]))[school_id]
    sessions = await schools.sessions_of(db, [school_id], [year])
    marks = await repository.marks_by_class(db, school_id, today)
    incomplete = await incomplete_keys(db, event_keys(school_id, year))
    classes = classes_today(school, sessions[school_id].get(year, ()), marks, now)
    noticed = await repository.missing_on(db, school_id, today)
    families = await repository.untold_on(db, school_id, today)
    untold = [one for one in families if one.is_unaccounted_for]
    if untold:
        read = [one.child_id for one in untold]
        await access.log_read(db, principal, rights.REGISTER_READ, read)
    return SchoolToday(school, classes, still_missing(noticed, classes), untold, bool(incomplete))


async def apply_missing(
    db: SqlSession,
    events: Sequence[RegisterMissing],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep since when registers are missing."""
    await repository.save_missing(db, events)


async def apply_contacts(
    db: SqlSession,
    events: Sequence[ContactExhausted | ContactSent],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep whose family nobody could tell, until somebody is told."""
    words = last_words(events)
    if told := {family for family, word in words.items() if word is None}:
        await repository.forget_untold(db, told)
    if untold := {family: word for family, word in words.items() if word is not None}:
        await repository.save_untold(db, untold)
