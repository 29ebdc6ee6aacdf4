"""Comparing every year row and total with the register's own marks, and mending what differs."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from attendance_runtime.database import Database, SqlSession
from attendance_runtime.errors import Conflict
from reporting_service.recount import repository
from reporting_service.recount.domain import (
    BulkMark,
    Difference,
    RowKey,
    WrongTotals,
    add_marks,
    differences,
    true_years,
)

Pages = AsyncIterator[Sequence[BulkMark]]
"""The register's marks, ordered by enrolment."""

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
    """Enrolments after one id, up to and including another, and what their rows should hold."""

    after: UUID
    upto: UUID
    expected: dict[RowKey, bytearray]


async def recount(database: Database, pages: Pages) -> Recounted:
    """Compare the projection with the register's marks.

    Run it while no events are on their way: a mark that has not arrived yet is a difference, too.
    """
    found = Recounted()
    async for stretch in _stretches(pages, found):
        await _compare(database, stretch, found, mend_before=None)
    async with database.transaction() as session:
        found.wrong_totals = await repository.wrong_totals(session)
    return found


async def rebuild(database: Database, pages: Pages) -> Recounted:
    """Make the projection what the register says, beside a worker that follows the events.

    Returns the differences found. A row that changed after the beginning is left alone, for what
    changed it is newer than what was read here: the next pass finds it true, or mends it.
    """
    found = Recounted()
    async with database.transaction() as session:
        beginning = await repository.oldest_transaction(session)
    async for stretch in _stretches(pages, found):
        await _compare(database, stretch, found, mend_before=beginning)
    async with database.transaction() as session:
        found.wrong_totals = await repository.wrong_totals(session)
    for school_id in {wrong.school_id for wrong in found.wrong_totals}:
        # By itself, with nothing else locked: a worker holds year rows when it comes to a total.
        async with database.transaction() as session:
            await repository.sum_totals(session, school_id)
    return found


async def mend_school(session: SqlSession, school_id: UUID, read: Callable[[], Pages]) -> None:
    """Make the year rows of one school and their totals what the register says, beside a worker.

    `read` gives the school's marks, all of them. Raises `StillDiffering` when rows go on changing.
    """
    for _ in range(PASSES):
        beginning = await repository.oldest_transaction(session)
        expected: dict[RowKey, bytearray] = {}
        async for page in read():
            add_marks(expected, page)
        stored = await repository.years_of_school(session, school_id, expected)
        wrong = list(differences(expected, stored))
        if not wrong:
            at_school = {enrolment_id for enrolment_id, _ in expected}
            await repository.sum_totals(session, school_id, at_school)
            return
        years = true_years(wrong, expected)
        await repository.replace_years(session, years, unchanged_since=beginning)
    raise StillDiffering("The register and these rows keep changing; try again.")


async def _stretches(pages: Pages, found: Recounted) -> AsyncIterator[_Stretch]:
    """Make a stretch of each page, and one of what comes after the last; they leave no gap.

    So a stored row that the register says nothing of lies in one of them, too.
    """
    after = _BEFORE_ALL
    async for page in pages:
        found.marks += len(page)
        expected: dict[RowKey, bytearray] = {}
        add_marks(expected, page)
        upto = page[-1][0]
        yield _Stretch(after, upto, expected)
        after = upto
    yield _Stretch(after, _AFTER_ALL, {})


async def _compare(
    database: Database, stretch: _Stretch, found: Recounted, *, mend_before: int | None
) -> None:
    async with database.transaction() as session:
        stored = await repository.years_between(session, stretch.after, stretch.upto)
        wrong = list(differences(stretch.expected, stored))
        if wrong and mend_before is not None:
            years = true_years(wrong, stretch.expected)
            await repository.replace_years(session, years, unchanged_since=mend_before)
    found.rows += len(stretch.expected.keys() | stored.keys())
    found.differences += wrong
