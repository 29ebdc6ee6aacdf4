"""What becomes of absences when the days change in which anybody was expected."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from attendance_contracts.calendar import (
    london_date,
    session_at,
)
from attendance_runtime.database import SqlSession
from attendance_runtime.messaging import outbox
from register_service.absences import repository
from register_service.absences.domain import (
    Absence,
    Entry,
    Standing,
    Turn,
    absence_news,
    days_moved,
    standing,
)
from register_service.absences.repository import MarkedSession, SchoolSlot


@dataclass(frozen=True, slots=True)
class YearChanged:
    """A school year whose sessions are others now: its slots before and after."""

    school_id: UUID
    year: int
    before: frozenset[int]
    after: frozenset[int]

    def places(self, slots: frozenset[int]) -> Iterator[SchoolSlot]:
        """Name the sessions of these slots."""
        for place in sorted(slots):
            yield self.school_id, *session_at(self.year, place)


async def follow_calendars(db: SqlSession, years: Sequence[YearChanged], *, now: datetime) -> None:
    """Announce what absences come to in sessions that are not held after all, or are again.

    Nobody is looked for in a session that is not held; whoever was told is owed a correction.
    """
    shut = {place for year in years for place in year.places(year.before - year.after)}
    held = {place for year in years for place in year.places(year.after - year.before)}
    if not shut | held:
        return
    marked = [
        one for one in await repository.marked_sessions(db, shut | held) if one.day in one.on_roll
    ]
    await _announce(db, marked, lambda one: _place(one) in held, now=now)


async def follow_rolls(db: SqlSession, enrolments: Sequence[UUID], *, now: datetime) -> None:
    """Announce what absences come to on days that have left a child's place on roll, or joined it.

    The enrolments are those that have just been saved. Nobody looks for a child who was not on
    roll; whoever was told is owed a correction.
    """
    moved = await repository.moved_places(db, enrolments)
    today = london_date(now)
    days = [
        (enrolment, day)
        for enrolment, (before, after) in moved.items()
        for day in days_moved(before, after, today)
    ]
    if days:
        marked = await repository.marks_on(db, days)
        await _announce(db, marked, lambda one: one.day in one.on_roll, now=now)


async def _announce(
    db: SqlSession,
    marked: Sequence[MarkedSession],
    is_expected: Callable[[MarkedSession], bool],
    *,
    now: datetime,
) -> None:
    """Announce what each mark's absence comes to where its child is expected now, or no more."""
    keys = [(one.enrolment_id, one.day, one.session) for one in marked]
    histories = await repository.read_histories(db, keys)
    turns: dict[SchoolSlot, list[Turn]] = {}
    for one, key in zip(marked, keys, strict=True):
        said = histories.get(key, (Entry(one.code),))
        turns.setdefault(_place(one), []).append(_turn(one, said, is_expected=is_expected(one)))
    await outbox.announce(db, list(_news(turns, now)), now=now)


def _place(one: MarkedSession) -> SchoolSlot:
    return one.school_id, one.day, one.session


def _turn(one: MarkedSession, said: Sequence[Entry], *, is_expected: bool) -> Turn:
    means = standing(said, one.contact_codes, one.day)
    before, after = (Standing.HERE, means) if is_expected else (means, Standing.HERE)
    return Turn(one.enrolment_id, one.child_id, before, after)


def _news(turns: dict[SchoolSlot, list[Turn]], now: datetime) -> Iterator[Absence]:
    for (school_id, day, half), of_session in sorted(turns.items()):
        yield from absence_news(of_session, school_id=school_id, day=day, session=half, now=now)
