"""What the register says a year row should hold, and where a stored one differs.

The register's own marks, roll and calendars are folded mark by mark. The projection works with bits
and deltas, and with copies of roll and calendar: what went wrong there does not go wrong here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import (
    SLOTS_PER_YEAR,
    Session,
    school_year,
    session_at,
    slot,
    year_label,
)
from attendance_contracts.codes import ATTENDED, AUTHORISED, NO_MARK, NUMBER_OF, UNAUTHORISED
from attendance_contracts.counting import (
    HOURS_UNKNOWN,
    OnRoll,
    SchoolHours,
    SessionAhead,
    uncounted,
)
from attendance_contracts.measures import Tally
from reporting_service.projection.domain import (
    AHEAD,
    CODE,
    CODES,
    NO_MARKS,
    NOWHERE,
    TO_COME,
    YearOfMarks,
    sessions_of,
    year_of,
)

RowKey = tuple[UUID, int]
"""A year row's enrolment and school year."""

BulkMark = tuple[UUID, date, Session, str]
"""One mark of the register's bulk read: enrolment, day, session and code."""

NOT_KNOWN: Final = "its enrolment is not known to the register"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the register says of a school: when its sessions begin, and which it holds by year."""

    school_id: UUID
    hours: SchoolHours = HOURS_UNKNOWN
    taught: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an enrolment stands, by the register: its school, and its days on the roll."""

    school: Facts
    on_roll: OnRoll


class Wrong(StrEnum):
    """What is wrong with a row, where no single mark is."""

    COUNTERS = "counters"
    SESSIONS = "sessions, which are not those of roll and calendar"


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the projection does not say what the register says.

    Attributes:
        slot: the session whose mark differs; None when it is the row that is wrong.
        why: what is wrong.
    """

    enrolment_id: UUID
    school_year: int
    slot: int | None
    why: str

    def __str__(self) -> str:
        where = f"{self.enrolment_id} {year_label(self.school_year)}"
        if self.slot is None:
            return f"{where} {self.why}"
        day, half = session_at(self.school_year, self.slot)
        return f"{where} slot {self.slot} ({day} {half}): {self.why}"


@dataclass(frozen=True, slots=True)
class WrongTotals:
    """A school's year that is not the sum of its enrolments' years."""

    school_id: UUID
    school_year: int

    def __str__(self) -> str:
        return f"school {self.school_id} {year_label(self.school_year)} totals"


@dataclass(slots=True)
class TrueYear:
    """An enrolment's year as the register has it.

    Attributes:
        marks: the code number of each slot's mark.
        counted: the same of those that count, zero elsewhere.
        why_not: why a mark counts nowhere, by its slot.
        to_come: when the session of a mark begins, by its slot, where that is still to come.
        sessions: those that are the child's, as the rows have them.
    """

    marks: bytearray = field(default_factory=lambda: bytearray(NO_MARKS))
    counted: bytearray = field(default_factory=lambda: bytearray(NO_MARKS))
    why_not: dict[int, str] = field(default_factory=dict)
    to_come: dict[int, datetime] = field(default_factory=dict)
    sessions: bytes = NOWHERE

    @property
    def tally(self) -> Tally:
        """The counters that should stand, counted code by code."""
        return Tally(*(self._sessions(codes) for codes in (ATTENDED, AUTHORISED, UNAUTHORISED)))

    def _sessions(self, codes: Collection[str]) -> int:
        return sum(self.counted.count(NUMBER_OF[code]) for code in codes)


def true_years(
    marks: Iterable[BulkMark],
    places: Mapping[UUID, Place],
    *,
    rows: Iterable[RowKey] = (),
    now: datetime,
) -> dict[RowKey, TrueYear]:
    """Fold the register's marks with its roll and calendars, one by one; `rows` may have none."""
    years = {key: _empty(key, places) for key in rows}
    for enrolment_id, day, half, code in marks:
        key = (enrolment_id, school_year(day))
        year = years.get(key)
        if year is None:
            year = years[key] = _empty(key, places)
        _enter(year, places.get(enrolment_id), (day, half, code), now=now)
    return years


def _enter(
    year: TrueYear, place: Place | None, mark: tuple[date, Session, str], *, now: datetime
) -> None:
    day, half, code = mark
    at = slot(day, half)
    year.marks[at] = NUMBER_OF[code]
    if place is None:
        year.why_not[at] = NOT_KNOWN
        return
    begins_at = _begins_at(place.school.hours, day, half)
    why_not = uncounted(
        day,
        half,
        on_roll=place.on_roll,
        sessions=_held(place.school.taught.get(school_year(day), ())),
        begins_at=begins_at,
        now=now,
    )
    if why_not is None:
        year.counted[at] = NUMBER_OF[code]
    else:
        year.why_not[at] = why_not
    if now < begins_at:
        year.to_come[at] = begins_at


def _empty(key: RowKey, places: Mapping[UUID, Place]) -> TrueYear:
    enrolment_id, year = key
    place = places.get(enrolment_id)
    if place is None:
        return TrueYear()
    return TrueYear(sessions=sessions_of(place.on_roll, year, place.school.taught.get(year, ())))


_begins_at = lru_cache(maxsize=4096)(SchoolHours.begins_at)
_held = lru_cache(maxsize=256)(frozenset[int])


def differences(
    expected: Mapping[RowKey, TrueYear], stored: Mapping[RowKey, YearOfMarks]
) -> Iterator[Difference]:
    """Compare year rows; a row that only one side has differs by each of its marks."""
    for key in sorted(expected.keys() | stored.keys()):
        ought, row = expected.get(key, TrueYear()), stored.get(key, YearOfMarks())
        yield from _wrong_marks(key, ought, row)
        if row.tally != ought.tally:
            yield Difference(*key, None, Wrong.COUNTERS)
        if key in stored and row.sessions != ought.sessions:
            yield Difference(*key, None, Wrong.SESSIONS)


def _wrong_marks(key: RowKey, ought: TrueYear, row: YearOfMarks) -> Iterator[Difference]:
    codes, counted = row.marks.translate(CODES), row.counted
    if (codes, counted) == (bytes(ought.marks), bytes(ought.counted)):
        return
    for place in range(SLOTS_PER_YEAR):
        if codes[place] != ought.marks[place]:
            yield Difference(*key, place, _wrong_code(codes[place], ought.marks[place]))
        elif counted[place] != ought.counted[place]:
            why_not = ought.why_not.get(place)
            is_wrong = f"counted, but {why_not}" if why_not else "not counted, but it should be"
            yield Difference(*key, place, is_wrong)


def _wrong_code(stored: int, true: int) -> str:
    if stored == NO_MARK:
        return "missing"
    return "not in the register" if true == NO_MARK else "another mark"


def mended(
    wrong: Iterable[Difference],
    expected: Mapping[RowKey, TrueYear],
    stored: Mapping[RowKey, YearOfMarks],
) -> dict[RowKey, YearOfMarks]:
    """Return the rows, in order, that should stand where something differs.

    Whether a mark was entered ahead is no figure, and nothing that the register gives out: it stays
    where the mark does.
    """
    years = {}
    for key in sorted({(one.enrolment_id, one.school_year) for one in wrong}):
        ought, row = expected.get(key, TrueYear()), stored.get(key, YearOfMarks())
        marks = bytearray(
            code | (old & AHEAD if old & CODE == code else 0)
            for code, old in zip(ought.marks, row.marks, strict=True)
        )
        for place in ought.to_come:
            marks[place] |= TO_COME
        years[key] = year_of(bytes(marks), ought.sessions)
    return years


def sessions_ahead(
    expected: Mapping[RowKey, TrueYear], places: Mapping[UUID, Place]
) -> dict[SessionAhead, datetime]:
    """Return the sessions that the register has planned marks of, and when each begins."""
    return {
        SessionAhead(places[enrolment_id].school.school_id, *session_at(year, place)): begins_at
        for (enrolment_id, year), ought in expected.items()
        for place, begins_at in ought.to_come.items()
    }
