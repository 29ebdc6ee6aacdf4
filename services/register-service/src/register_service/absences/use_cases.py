"""What becomes of absences when the days change in which anybody was expected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from attendance_contracts.calendar import session_at
from attendance_runtime import outbox
from attendance_runtime.database import SqlSession
from register_service.absences import repository
from register_service.absences.domain import Entry, Standing, standing
from register_service.absences.news import Absence, Turn, absence_news
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


async def follow_calendars(
    session: SqlSession, years: Sequence[YearChanged], *, now: datetime
) -> None:
    """Announce what absences come to in sessions that are not held after all, or are again.

    Nobody is looked for in a session that is not held; whoever was told is owed a correction.
    """
    shut = {place for year in years for place in year.places(year.before - year.after)}
    held = {place for year in years for place in year.places(year.after - year.before)}
    if not shut | held:
        return
    marked = [
        one
        for one in await repository.marked_sessions(session, shut | held)
        if one.day in one.on_roll
    ]
    keys = [(one.enrolment_id, one.day, one.session) for one in marked]
    histories = await repository.read_histories(session, keys)
    turns: dict[SchoolSlot, list[Turn]] = {}
    for one, key in zip(marked, keys, strict=True):
        place = (one.school_id, one.day, one.session)
        said = histories.get(key, (Entry(one.code),))
        turns.setdefault(place, []).append(_turn(one, said, is_held=place in held))
    await outbox.announce(session, list(_news(turns, now)), now=now)


def _turn(one: MarkedSession, said: Sequence[Entry], *, is_held: bool) -> Turn:
    means = standing(said, one.contact_codes, one.day)
    before, after = (Standing.HERE, means) if is_held else (means, Standing.HERE)
    return Turn(one.enrolment_id, one.child_id, before, after)


def _news(turns: dict[SchoolSlot, list[Turn]], now: datetime) -> Iterator[Absence]:
    for (school_id, day, half), of_session in sorted(turns.items()):
        yield from absence_news(of_session, school_id=school_id, day=day, session=half, now=now)
