"""Planning when registers are looked at, and saying which were not taken."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from attendance_runtime.database import SqlSession
from attendance_runtime.messaging import outbox
from attendance_runtime.timers import Timer, cancel_timers, lock_timers, set_timers
from register_service.missing import domain, repository
from register_service.missing.domain import EnteredMark, Hours, Look, Place, place_from

REGISTER_DUE: Final = "register.due"
"""The timer of a school, for the one session that is looked at next."""


async def plan_looks(db: SqlSession, schools: Sequence[UUID], *, now: datetime) -> None:
    """Plan anew when these schools' registers are looked at, as settings and calendars now stand.

    Whoever calls has just saved one of the two, and has locked the schools.
    """
    hours = await repository.find_hours(db, schools)
    standing = await lock_timers(db, REGISTER_DUE, [str(school) for school in hours])
    begin = {
        school: domain.begin_at(kept, _place(standing.get(str(school))), now)
        for school, kept in hours.items()
    }
    planned = await _set_next(db, hours, begin)
    done = [str(school) for school in hours if school not in planned]
    await cancel_timers(db, REGISTER_DUE, done)


async def look_at_registers(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
    """Announce the registers that were due and have not been taken, then set the next timers.

    A timer of an older version tells nothing; its school is planned anew from the same session.
    """
    schools = {UUID(timer.subject): timer for timer in timers}
    hours = await repository.find_hours(db, list(schools))
    looks: list[Look] = []
    begin: dict[UUID, Place] = {}
    for school, timer in schools.items():
        place = place_from(timer.about)
        if timer.version == hours[school].version:
            looks.append(Look(school, place))
            place = place.following()
        begin[school] = place
    await _announce_missing(db, looks, hours, now=now)
    await _set_next(db, hours, begin)


async def find_untaken(
    db: SqlSession, looks: Sequence[Look], hours: Mapping[UUID, Hours]
) -> list[Look]:
    """Return the looks at sessions that have children on roll and no sign of a register.

    One mark decides as a rule. Only where that one was entered beforehand are all looked through.
    """
    found = await repository.any_marks(db, looks)

    def is_taken(look: Look, marks: Iterable[EnteredMark]) -> bool:
        return domain.is_taken(look, marks, hours[look.school_id])

    unsure = [look for look, mark in found if mark is not None and not is_taken(look, [mark])]
    newest = await repository.newest_marks(db, unsure) if unsure else {}
    return [
        look
        for look, mark in found
        if mark is None or (look in newest and not is_taken(look, newest[look]))
    ]


async def _announce_missing(
    db: SqlSession, looks: Sequence[Look], hours: Mapping[UUID, Hours], *, now: datetime
) -> None:
    untaken = await find_untaken(db, looks, hours)
    missing = await repository.keep_missing(db, untaken, now=now)
    events = [domain.register_missing(look, now) for look in missing]
    await outbox.announce(db, events, now=now)


async def _set_next(
    db: SqlSession, hours: Mapping[UUID, Hours], begin: Mapping[UUID, Place]
) -> set[UUID]:
    """Set each school's timer for its first session at a place or after; tell which have one."""
    places = await repository.next_sessions(db, begin)
    await set_timers(
        db,
        [
            Timer(
                kind=REGISTER_DUE,
                subject=str(school),
                about=str(place),
                due_at=hours[school].due_at(place),
                version=hours[school].version,
            )
            for school, place in places.items()
        ],
    )
    return set(places)


def _place(timer: Timer | None) -> Place | None:
    return None if timer is None else place_from(timer.about)
