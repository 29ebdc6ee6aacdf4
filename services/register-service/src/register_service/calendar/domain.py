"""The rules of a school's year: its terms less its closures are its sessions.

Terms and closures differ from school to school, so every school sends its own. A school year runs
from 1 September to 31 August (The Education (School Day and School Year) (England) Regulations
1999 leave the dates inside it to whoever runs the school).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import (
    SATURDAY,
    Session,
    school_year_ends,
    school_year_starts,
    slot,
    year_label,
)
from attendance_contracts.events import CalendarChanged
from attendance_contracts.faults import Fault
from register_service.lines.domain import State, state_of

YEARS_KEPT: Final = range(2019, 2031)
"""The school years (by the year in which they start) whose marks have a place in the register."""

FIRST_DAY: Final = date(2000, 1, 1)
"""Long before anything is kept here; a school year needs a year to begin in."""


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """A stretch of days in which the school meets, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Closure:
    """A day, or one session of it, on which the school does not meet although a term is on."""

    day: date
    reason: str
    session: Session | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolYear:
    """One school's year as the school describes it, in whatever order."""

    school_id: UUID
    year: int
    terms: tuple[Term, ...]
    closures: tuple[Closure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptYear(SchoolYear):
    """A school's year as the register keeps it: everything in order of time, and the slots held."""

    slots: tuple[int, ...]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of one line: the year as it will be, or the faults that refuse it."""

    line: int
    state: State
    kept: KeptYear | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionAt:
    """A session of a day at a school, named by its URN."""

    urn: str
    day: date
    session: Session


@dataclass(frozen=True, slots=True)
class SchoolSession:
    """What a school's settings and calendar say of one session.

    `roll_version` names the state of its roll; `taught` is None when the school has no calendar for
    that year. `closed` is a session of a term that the calendar declares not held. `begins_at` is
    the session's first moment, in UTC.
    """

    school_id: UUID
    roll_version: UUID
    contact_codes: frozenset[str]
    taught: bool | None
    closed: bool = False
    begins_at: datetime | None = None


def check_year(sent: SchoolYear) -> list[Fault]:
    """Return what is wrong with a year, each fault with its pointer."""
    if sent.year not in YEARS_KEPT:
        first, last = year_label(YEARS_KEPT[0]), year_label(YEARS_KEPT[-1])
        return [Fault(f"Registers are kept for {first} to {last}.", "#/school_year")]
    faults = [*_term_faults(sent), *_overlaps(sent.terms), *_closure_faults(sent)]
    if not faults and not sessions_of(sent):
        faults = [Fault("The terms and closures leave no session.", "#/terms")]
    return faults


def sessions_of(sent: SchoolYear) -> tuple[int, ...]:
    """Return the slots in which the school meets: weekdays inside terms, less the closures."""
    closed = {slot(closed.day, half) for closed in sent.closures for half in _halves(closed)}
    held = {
        slot(day, half)
        for term in sent.terms
        for day in _days(term)
        if day.weekday() < SATURDAY
        for half in Session
    }
    return tuple(sorted(held - closed))


def decide_years(
    lines: Mapping[int, SchoolYear | None], known: Mapping[tuple[UUID, int], KeptYear]
) -> list[Decision]:
    """Decide each line in order; None is a line whose school the sender does not reach."""
    decisions = []
    seen: set[tuple[UUID, int]] = set()
    for line, sent in lines.items():
        if sent is None:
            decisions.append(_refused(line, Fault("This school is not yours to change.", "#/urn")))
            continue
        key = (sent.school_id, sent.year)
        if key in seen:
            fault = Fault("An earlier line of this request sets the same year.", "#/school_year")
            decisions.append(_refused(line, fault))
            continue
        seen.add(key)
        decisions.append(decide_year(line, sent, known.get(key)))
    return decisions


def decide_year(line: int, sent: SchoolYear, before: KeptYear | None) -> Decision:
    """Decide one line: created, changed, unchanged, or refused with its faults."""
    faults = check_year(sent)
    if faults:
        return _refused(line, *faults)
    kept = KeptYear(
        school_id=sent.school_id,
        year=sent.year,
        terms=tuple(sorted(sent.terms)),
        closures=tuple(sorted(sent.closures, key=_halves_of)),
        slots=sessions_of(sent),
        version=1 if before is None else before.version,
    )
    state = state_of(before, kept)
    if state is State.CHANGED:
        kept = replace(kept, version=kept.version + 1)
    return Decision(line=line, state=state, kept=kept)


def calendar_changed(kept: KeptYear) -> CalendarChanged:
    """Tell the other services which sessions a school holds in a year."""
    return CalendarChanged(
        school_id=kept.school_id, school_year=kept.year, slots=kept.slots, version=kept.version
    )


def _refused(line: int, *faults: Fault) -> Decision:
    return Decision(line=line, state=State.REFUSED, faults=faults)


def _term_faults(sent: SchoolYear) -> Iterator[Fault]:
    first, last = school_year_starts(sent.year), school_year_ends(sent.year)
    if not sent.terms:
        yield Fault("A school year has at least one term.", "#/terms")
    for index, term in enumerate(sent.terms):
        if term.last < term.first:
            yield Fault("A term ends on or after the day it begins.", f"#/terms/{index}/to")
        for name, day in (("from", term.first), ("to", term.last)):
            if not first <= day <= last:
                detail = f"The school year {year_label(sent.year)} is {first} to {last}."
                yield Fault(detail, f"#/terms/{index}/{name}")


def _overlaps(terms: Sequence[Term]) -> Iterator[Fault]:
    busy_until = date.min
    for index in sorted(range(len(terms)), key=lambda index: terms[index]):
        if terms[index].first <= busy_until:
            yield Fault("Another term is still on at this day.", f"#/terms/{index}/from")
        busy_until = max(busy_until, terms[index].last)


def _closure_faults(sent: SchoolYear) -> Iterator[Fault]:
    seen: set[tuple[date, Session]] = set()
    for index, closure in enumerate(sent.closures):
        if not any(closure.day in term for term in sent.terms):
            yield Fault("A closure lies inside a term.", f"#/closures/{index}/date")
        if not seen.isdisjoint(_halves_of(closure)):
            yield Fault("An earlier closure already names this.", f"#/closures/{index}/date")
        seen.update(_halves_of(closure))


def _halves(closure: Closure) -> tuple[Session, ...]:
    return tuple(Session) if closure.session is None else (closure.session,)


def _halves_of(closure: Closure) -> list[tuple[date, Session]]:
    return [(closure.day, half) for half in _halves(closure)]


def _days(term: Term) -> Iterator[date]:
    for number in range((term.last - term.first).days + 1):
        yield term.first + timedelta(days=number)
