"""Moving the year rows with the registers, the roll, the calendars and the time of day."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from attendance_contracts.counting import sessions_ahead
from attendance_contracts.events import RegisterRecorded
from attendance_runtime.copies.beginnings import await_sessions, sessions_of
from attendance_runtime.copies.turns import lock_schools
from attendance_runtime.database import SqlSession
from attendance_runtime.timers import Timer
from reporting_service.projection import domain, repository
from reporting_service.projection.domain import KeptYear, MarkChanges


async def apply_registers(
    db: SqlSession, events: Sequence[RegisterRecorded], *, now: datetime
) -> None:
    """Store a batch of registers: a statement for each session it speaks of, whatever its size.

    Planned marks are stored as such, and counted when their session begins.
    """
    if ahead := sessions_ahead(events, now):
        await await_sessions(db, ahead)
    for changes in domain.mark_changes(events, now):
        await _store(db, changes, now=now)


async def _store(db: SqlSession, changes: MarkChanges, *, now: datetime) -> None:
    if await repository.update_years(db, changes) == len(changes.enrolments):
        return
    # Marks came before their enrolment, or are a year's first. In the school's turn: who brings the
    # enrolment meanwhile would not see these rows, nor we the enrolment. Storing the other marks
    # once more changes nothing.
    await lock_schools(db, list(changes.newest))
    years = [changes.school_year] * len(changes.enrolments)
    await repository.add_years(db, changes.enrolments, years)
    await figure_enrolments(db, changes.enrolments, now=now)
    await repository.update_years(db, changes)


async def figure_enrolments(db: SqlSession, enrolments: Collection[UUID], *, now: datetime) -> None:
    """Figure anew every year of these enrolments, by roll and calendars as they now stand.

    Whoever calls has the turn of their schools.
    """
    await _figure(db, await repository.lock_years_of(db, enrolments), now=now)


async def figure_school_year(
    db: SqlSession, school_id: UUID, school_year: int, *, now: datetime
) -> None:
    """Figure a school's year anew, by the calendar as it now stands; whoever calls has its turn."""
    await _figure(db, await repository.lock_years_at(db, school_id, school_year), now=now)


async def begin_sessions(db: SqlSession, timers: Sequence[Timer], *, now: datetime) -> None:
    """Count the planned marks of sessions that begin; nobody sends anything for it.

    A session that begins later by now, since the school's settings changed, is awaited anew.
    """
    begun = sessions_of(timers)
    await lock_schools(db, {one.school_id for one in begun})
    kept = await repository.lock_planned(db, begun)
    await _figure(db, kept, now=now)
    hours = {one.school_id: one.hours for one in kept}
    begins = {
        one: hours[one.school_id].begins_at(one.day, one.session)
        for one in begun
        if one.school_id in hours
    }
    await await_sessions(db, {one: at for one, at in begins.items() if at > now})


async def _figure(db: SqlSession, kept: Sequence[KeptYear], *, now: datetime) -> None:
    figured = [(one, domain.figured(one, now)) for one in kept]
    changed = [(one, year) for one, year in figured if year != one.stands]
    if changed:
        await repository.replace_figures(db, changed)
