"""What the register says a year row should hold, and where a stored one differs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from attendance_contracts.calendar import Session, school_year, session_at, slot, year_label
from attendance_contracts.codes import NUMBER_OF
from reporting_service.projection.domain import NO_MARKS, YearOfMarks, tally_of

RowKey = tuple[UUID, int]
"""A year row's enrolment and school year."""

BulkMark = tuple[UUID, date, Session, str]
"""One mark of the register's bulk read: enrolment, day, session and code."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the projection does not say what the register says.

    Attributes:
        slot: the session whose mark differs; None when only the counters are wrong.
    """

    enrolment_id: UUID
    school_year: int
    slot: int | None

    def __str__(self) -> str:
        where = f"{self.enrolment_id} {year_label(self.school_year)}"
        if self.slot is None:
            return f"{where} counters"
        day, half = session_at(self.school_year, self.slot)
        return f"{where} slot {self.slot} ({day} {half})"


@dataclass(frozen=True, slots=True)
class WrongTotals:
    """A school's year that is not the sum of its enrolments' years."""

    school_id: UUID
    school_year: int

    def __str__(self) -> str:
        return f"school {self.school_id} {year_label(self.school_year)} totals"


def add_marks(years: dict[RowKey, bytearray], marks: Iterable[BulkMark]) -> None:
    """Enter marks of the register into the year rows they belong in."""
    for enrolment_id, day, half, code in marks:
        key = (enrolment_id, school_year(day))
        row = years.get(key)
        if row is None:
            row = years[key] = bytearray(NO_MARKS)
        row[slot(day, half)] = NUMBER_OF[code]


def differences(
    expected: Mapping[RowKey, bytes | bytearray], stored: Mapping[RowKey, YearOfMarks]
) -> Iterator[Difference]:
    """Compare year rows; a row that only one side has differs by each of its marks."""
    for key in sorted(expected.keys() | stored.keys()):
        should_be = bytes(expected.get(key, NO_MARKS))
        row = stored.get(key, YearOfMarks())
        if row.marks != should_be:
            pairs = enumerate(zip(row.marks, should_be, strict=True))
            yield from (Difference(*key, place) for place, (is_, ought) in pairs if is_ != ought)
        if row.tally != tally_of(row.marks):
            yield Difference(*key, None)


def true_years(
    wrong: Iterable[Difference], expected: Mapping[RowKey, bytes | bytearray]
) -> dict[RowKey, YearOfMarks]:
    """Return the rows, in order, that should stand where something differs."""
    keys = sorted({(one.enrolment_id, one.school_year) for one in wrong})
    marks = {key: bytes(expected.get(key, NO_MARKS)) for key in keys}
    return {key: YearOfMarks(tally_of(row), row) for key, row in marks.items()}
