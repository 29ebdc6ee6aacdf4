"""Comparing every year row and total with the register's own words, and mending what differs."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from attendance_contracts.counting import OnRoll, SchoolHours
from attendance_contracts.events import CalendarChanged, EnrolmentChanged, SchoolChanged
from attendance_runtime.copies.beginnings import await_sessions
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.errors import Conflict
from reporting_service.projection.domain import YearOfMarks
from reporting_service.recount import domain, repository
from reporting_service.recount.domain import (
    BulkMark,
    Difference,
    Facts,
    Place,
    RowKey,
    TrueYear,
    WrongTotals,
)


class Register(Protocol):
    """What is read of the register: its marks, its roll, and what it says of its schools."""

    def marks(self, school_id: UUID | None = None) -> AsyncIterator[Sequence[BulkMark]]:
        """Yield the marks, ordered by enrolment, all of one on one page."""

    def roll(self) -> AsyncIterator[Sequence[EnrolmentChanged]]:
        """Yield the enrolments, in the same order."""

    async def enrolments(self, *, school_id: UUID | None = None) -> list[EnrolmentChanged]:
        """Return the enrolments of a school."""

    async def calendars(self, school_id: UUID) -> list[CalendarChanged]:
        """Return a school's years."""

    async def schools(self, school_id: UUID | None = None) -> list[SchoolChanged]:
        """Return a school's settings."""


PASSES: Final = 5
"""How often to try: the second finds what the worker changed during the first, which is little."""

_BEFORE_ALL: Final = UUID(int=0)
_AFTER_ALL: Final = UUID(int=2**128 - 1)


class StillDiffering(Conflict):
    """After several passes the projection does not say what the register says."""


@dataclass
class Recounted:
    """How much has been compared so far, and what differed."""

    marks: int = 0
    rows: int = 0
    differences: list[Difference] = field(default_factory=list)
    wrong_totals: list[WrongTotals] = field(default_factory=list)

    @property
    def faults(self) -> list[Difference | WrongTotals]:
        """Everything that is not what the register says."""
        return [*self.differences, *self.wrong_totals]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Enrolments after one id, up to and including another: their marks, and where they stand."""

    after: UUID
    upto: UUID
    marks: Sequence[BulkMark]
    places: dict[UUID, Place]


@dataclass(frozen=True, slots=True)
class _Compared:
    """Rows as they are and as they should be, and what differs."""

    stored: dict[RowKey, YearOfMarks]
    expected: dict[RowKey, TrueYear]
    wrong: list[Difference]
    places: dict[UUID, Place]


async def recount(database: Database, register: Register, *, now: datetime) -> Recounted:
    """Compare the projection with the register's marks, counted by its roll and its calendars.

    Run it while no events are on their way: a mark that has not arrived yet is a difference, too.
    """
    found = Recounted()
    async for stretch in _stretches(register):
        await _compare(database, stretch, found, now=now)
    async with database.transaction() as db:
        found.wrong_totals = await repository.wrong_totals(db)
    return found


async def rebuild(database: Database, register: Register, *, now: datetime) -> Recounted:
    """Make the projection what the register says, beside a worker that follows the events.

    Returns the differences found. A row that changed after the beginning is left alone, for what
    changed it is newer than what was read here: the next pass finds it true, or mends it.
    """
    found = Recounted()
    async with database.transaction() as db:
        beginning = await repository.oldest_transaction(db)
    async for stretch in _stretches(register):
        await _compare(database, stretch, found, now=now, mend_before=beginning)
    async with database.transaction() as db:
        found.wrong_totals = await repository.wrong_totals(db)
    for school_id in {wrong.school_id for wrong in found.wrong_totals}:
        # By itself, with nothing else locked: a worker holds year rows when it comes to a total.
        async with database.transaction() as db:
            await repository.sum_totals(db, school_id)
    return found


async def mend_school(
    db: SqlSession, school_id: UUID, register: Register, *, now: datetime
) -> None:
    """Make the year rows of one school and their totals what the register says, beside a worker.

    Raises `StillDiffering` when rows go on changing.
    """
    for _ in range(PASSES):
        beginning = await repository.oldest_transaction(db)
        marks = [mark async for page in register.marks(school_id) for mark in page]
        enrolments = await register.enrolments(school_id=school_id)
        places = await _places(enrolments, _Schools(register))
        at_school = {*places, *(mark[0] for mark in marks)}
        stored = await repository.years_of_school(db, school_id, at_school)
        compared = _difference(stored, marks, places, now=now)
        if not compared.wrong:
            await repository.sum_totals(db, school_id, at_school)
            return
        await _mend(db, compared, unchanged_since=beginning)
    raise StillDiffering("The register and these rows keep changing; try again.")


class _Schools:
    """What the register says of schools, each asked for once."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._known: dict[UUID, Facts] = {}

    async def facts(self, school_id: UUID) -> Facts:
        """Return a school's hours and calendars."""
        if school_id not in self._known:
            self._known[school_id] = await self._read(school_id)
        return self._known[school_id]

    async def _read(self, school_id: UUID) -> Facts:
        calendars = await self._register.calendars(school_id)
        taught = {one.school_year: tuple(one.slots) for one in calendars}
        for school in await self._register.schools(school_id):
            hours = SchoolHours(school.am_starts_at, school.pm_starts_at)
            return Facts(school_id, hours, taught)
        return Facts(school_id, taught=taught)


async def _places(enrolments: Sequence[EnrolmentChanged], schools: _Schools) -> dict[UUID, Place]:
    return {
        one.enrolment_id: Place(
            await schools.facts(one.school_id), OnRoll(one.starts_on, one.ends_on)
        )
        for one in enrolments
    }


async def _stretches(register: Register) -> AsyncIterator[_Stretch]:
    """Make a stretch of each page of the roll with its marks, and one of what comes after the last.

    They leave no gap: a stored row that the register says nothing of lies in one of them, too.
    """
    schools = _Schools(register)
    pages = register.marks()
    after, waiting = _BEFORE_ALL, list[BulkMark]()
    async for page in register.roll():
        if not page:
            continue
        upto = page[-1].enrolment_id
        while not waiting or waiting[-1][0] <= upto:
            following = await anext(pages, None)
            if following is None:
                break
            waiting += following
        marks = [mark for mark in waiting if mark[0] <= upto]
        waiting = waiting[len(marks) :]
        yield _Stretch(after, upto, marks, await _places(page, schools))
        after = upto
    waiting += [mark async for rest in pages for mark in rest]
    yield _Stretch(after, _AFTER_ALL, waiting, {})


async def _compare(
    database: Database,
    stretch: _Stretch,
    found: Recounted,
    *,
    now: datetime,
    mend_before: int | None = None,
) -> None:
    async with database.transaction() as db:
        stored = await repository.years_between(db, stretch.after, stretch.upto)
        compared = _difference(stored, stretch.marks, stretch.places, now=now)
        if compared.wrong and mend_before is not None:
            await _mend(db, compared, unchanged_since=mend_before)
    found.marks += len(stretch.marks)
    found.rows += len(compared.expected)
    found.differences += compared.wrong


def _difference(
    stored: dict[RowKey, YearOfMarks],
    marks: Sequence[BulkMark],
    places: dict[UUID, Place],
    *,
    now: datetime,
) -> _Compared:
    expected = domain.true_years(marks, places, rows=stored, now=now)
    return _Compared(stored, expected, list(domain.differences(expected, stored)), places)


async def _mend(db: SqlSession, compared: _Compared, *, unchanged_since: int) -> None:
    years = domain.mended(compared.wrong, compared.expected, compared.stored)
    await repository.replace_years(db, years, unchanged_since=unchanged_since)
    await await_sessions(db, domain.sessions_ahead(compared.expected, compared.places))
