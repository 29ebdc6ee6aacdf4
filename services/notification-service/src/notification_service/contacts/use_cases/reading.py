"""What a school's staff and its authority read of days and messages; each reading is logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import NotFound
from notification_service.contacts import repository
from notification_service.contacts.domain import ContactedDay
from notification_service.schools import repository as schools


@dataclass(frozen=True, slots=True)
class Page:
    """Some days in the order of their episodes, and the last of them if there are more."""

    days: Sequence[ContactedDay]
    continues_after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which page of a school's days is asked for: those after an episode, so many at most."""

    urn: str
    after: UUID
    limit: int


async def read_contacts_for(
    db: SqlSession, principal: Principal, asked: Asked, day: date, *, now: datetime
) -> Page:
    """Read a school's episodes of one day, or raise `NotFound`."""
    school_id = await _school_for(db, principal, asked.urn, now)
    found = await repository.contacted_days(
        db, school_id, day, after=asked.after, limit=asked.limit + 1
    )
    page = _page(found, asked.limit)
    await _log(db, principal, page.days)
    return page


async def read_calls_for(
    db: SqlSession, principal: Principal, asked: Asked, *, now: datetime
) -> Page:
    """Read the days on which a school's office is to ring a family, or raise `NotFound`.

    A page may hold fewer than were asked for: of some days nothing is owed any more.
    """
    school_id = await _school_for(db, principal, asked.urn, now)
    found = await repository.days_not_corrected(
        db, school_id, after=asked.after, limit=asked.limit + 1
    )
    page = _page(found, asked.limit)
    owed = [day for day in page.days if day.not_corrected]
    await _log(db, principal, owed)
    return Page(owed, page.continues_after)


async def read_episode_for(
    db: SqlSession,
    principal: Principal,
    episode_id: UUID,
    *,
    now: datetime,
    right: Right = rights.CONTACT_READ,
) -> ContactedDay:
    """Read an episode on which a caller has a right, or raise `NotFound`."""
    day = await repository.contacted_day(db, episode_id)
    if day is None:
        raise NotFound("There is nothing here that this token may see.")
    school, today = day.episode.school_id, access.today(now)
    await access.require(db, principal, right, objects=[school], today=today)
    await access.log_read(db, principal, right, [day.episode.child_id])
    return day


def _page(found: Sequence[ContactedDay], limit: int) -> Page:
    days = found[:limit]
    return Page(days, days[-1].episode.id if len(found) > limit else None)


async def _school_for(db: SqlSession, principal: Principal, urn: str, now: datetime) -> UUID:
    school_id = await schools.school_of(db, urn)
    objects, today = [school_id] if school_id else [], access.today(now)
    await access.require(db, principal, rights.CONTACT_READ, objects=objects, today=today)
    assert school_id is not None  # noqa: S101 - nobody reaches a school that is not there
    return school_id


async def _log(db: SqlSession, principal: Principal, days: Sequence[ContactedDay]) -> None:
    children = [day.episode.child_id for day in days]
    await access.log_read(db, principal, rights.CONTACT_READ, children)
