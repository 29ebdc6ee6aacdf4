"""What can be done with calendars: load, decide, save, announce."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Invalid, NotFound
from attendance_runtime.messaging import outbox
from register_service.absences.use_cases import YearChanged, follow_calendars
from register_service.calendar import domain, repository
from register_service.calendar.domain import Closure, Decision, KeptYear, SchoolYear, Term
from register_service.calendar.repository import YearKey
from register_service.lines.domain import State
from register_service.missing.use_cases import plan_looks
from register_service.schools import repository as schools
from register_service.schools.domain import School
from register_service.schools.use_cases import school_for


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCalendar:
    """An order to set a school's year to these terms less these closures."""

    urn: str
    school_year: int
    terms: tuple[Term, ...]
    closures: tuple[Closure, ...]


async def read_year(
    db: SqlSession, principal: Principal, urn: str, school_year: int, *, now: datetime
) -> KeptYear:
    """Return a school's year as it stands, or raise `NotFound`."""
    today = access.today(now)
    school = await school_for(db, principal, rights.SCHOOL_READ, urn, today=today)
    years = await repository.find_years(db, [(school.id, school_year)])
    if not years:
        raise NotFound("The school has not sent a calendar for this school year.")
    return years[school.id, school_year]


async def years_to_copy(
    db: SqlSession, after: UUID, *, schools: int, school_id: UUID | None
) -> dict[UUID, list[KeptYear]]:
    """Return the years of so many next schools, or of this one, by school in id order."""
    by_school: dict[UUID, list[KeptYear]] = {}
    for year in await repository.years_after(db, after, schools=schools, school_id=school_id):
        by_school.setdefault(year.school_id, []).append(year)
    return by_school


async def set_calendar(
    db: SqlSession, principal: Principal, order: SetCalendar, *, now: datetime
) -> tuple[KeptYear, State]:
    """Set one school's year; raise `NotFound` or `Invalid` for a refusal."""
    today = access.today(now)
    await school_for(db, principal, rights.CALENDAR_WRITE, order.urn, today=today)
    [decision] = await set_calendars(db, principal, {1: order}, now=now)
    if decision.kept is None:
        raise Invalid("The calendar cannot be kept as sent.", decision.faults)
    return decision.kept, decision.state


async def set_calendars(
    db: SqlSession, principal: Principal, orders: Mapping[int, SetCalendar], *, now: datetime
) -> list[Decision]:
    """Set many schools' years, deciding each line for itself."""
    reached = await schools.schools_reached(
        db,
        principal,
        rights.CALENDAR_WRITE,
        urns=[order.urn for order in orders.values()],
        today=access.today(now),
    )
    sent = {line: _year(order, reached.get(order.urn)) for line, order in orders.items()}
    keys = [(year.school_id, year.year) for year in sent.values() if year is not None]
    known = await repository.find_years(db, keys)
    decisions = domain.decide_years(sent, known)
    news = [
        decision.kept
        for decision in decisions
        if decision.kept is not None and decision.state is not State.UNCHANGED
    ]
    if news:
        await repository.save_years(db, news)
        await follow_calendars(db, _years_changed(news, known), now=now)
        await plan_looks(db, [year.school_id for year in news], now=now)
        await outbox.announce(db, [domain.calendar_changed(year) for year in news], now=now)
    return decisions


def _years_changed(
    news: Sequence[KeptYear], known: Mapping[YearKey, KeptYear]
) -> list[YearChanged]:
    """Put beside one another how years stood before and stand now; new ones hold no marks yet."""
    return [
        YearChanged(
            year.school_id,
            year.year,
            frozenset(known[year.school_id, year.year].slots),
            frozenset(year.slots),
        )
        for year in news
        if (year.school_id, year.year) in known
    ]


def _year(order: SetCalendar, school: School | None) -> SchoolYear | None:
    if school is None:
        return None
    return SchoolYear(
        school_id=school.id, year=order.school_year, terms=order.terms, closures=order.closures
    )
