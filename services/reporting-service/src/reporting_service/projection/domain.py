"""What a batch of registers changes, and how marks add up: an enrolment's year, a school's year.

The measures are the Department for Education's: a session counts as possible when its mark is
attended, authorised or unauthorised; anything else, a missing mark included, counts nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from operator import attrgetter
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import SLOTS_PER_YEAR, school_year, slot
from attendance_contracts.codes import (
    ATTENDED,
    AUTHORISED,
    MARK_NUMBER_OF,
    UNAUTHORISED,
    numbers_of,
)
from attendance_contracts.events import RegisterRecorded

_ID_AS_INTEGER: Final = attrgetter("int")  # ids compare six times as fast by their numbers

NO_MARKS: Final = bytes(SLOTS_PER_YEAR)
"""A school year in which nothing has been marked."""

_NUMBERS: Final = range(128)
_CLASSES: Final = tuple(numbers_of(codes) for codes in (ATTENDED, AUTHORISED, UNAUTHORISED))

COUNTS_AS: Final = tuple(bytes(number in of for number in _NUMBERS) for of in _CLASSES)
"""For attended, authorised and unauthorised in turn: 1 at the number of each code of the class."""

_CLASS_OF: Final = bytes(
    next((index for index, of in enumerate(_CLASSES, 1) if number in of), 0)
    for number in range(256)
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Sessions by statistical class.

    The flags are exact integers, as the guidance on the exact method has it: a child whose shown
    percentage rounds to 90.0 may lie on either side of the line.
    """

    attended: int = 0
    authorised: int = 0
    unauthorised: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.attended + other.attended,
            self.authorised + other.authorised,
            self.unauthorised + other.unauthorised,
        )

    @property
    def absent(self) -> int:
        """Sessions of absence, authorised or not."""
        return self.authorised + self.unauthorised

    @property
    def possible(self) -> int:
        """Possible sessions: the denominator of every percentage."""
        return self.attended + self.absent

    @property
    def is_persistent(self) -> bool:
        """Persistent absence: 10 % or more of the possible sessions missed."""
        return self.possible > 0 and 10 * self.absent >= self.possible

    @property
    def is_severe(self) -> bool:
        """Severe absence: half or more of the possible sessions missed."""
        return self.possible > 0 and 2 * self.absent >= self.possible

    @property
    def attendance_percent(self) -> float | None:
        """Attended of possible sessions, one decimal, half up; None when none was possible."""
        return _percent(self.attended, self.possible)


NO_SESSIONS: Final = Tally()


def _percent(part: int, whole: int) -> float | None:
    return (2000 * part + whole) // (2 * whole) / 10 if whole else None


def tally_of(marks: bytes) -> Tally:
    """Count marks given as code numbers; the zeros of missing marks count nowhere."""
    classes = marks.translate(_CLASS_OF)
    return Tally(classes.count(1), classes.count(2), classes.count(3))


@dataclass(frozen=True, slots=True)
class YearOfMarks:
    """An enrolment's school year: its counters, and the code number of each of 732 slots."""

    tally: Tally = NO_SESSIONS
    marks: bytes = NO_MARKS

    def at(self, slots: Iterable[int]) -> bytes:
        """Return the marks of some slots, in their order."""
        return bytes(map(self.marks.__getitem__, slots))


@dataclass(frozen=True, slots=True)
class Totals:
    """A school's year, or that of several schools: what their enrolments add up to.

    Attributes:
        tally: the sessions of all enrolments.
        enrolments: those with a possible session, whom the shares are of.
        persistent: enrolments in persistent absence, the severe among them.
        severe: enrolments in severe absence.
    """

    tally: Tally = NO_SESSIONS
    enrolments: int = 0
    persistent: int = 0
    severe: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.tally + other.tally,
            self.enrolments + other.enrolments,
            self.persistent + other.persistent,
            self.severe + other.severe,
        )

    @property
    def persistent_percent(self) -> float | None:
        """Share of the enrolments in persistent absence, one decimal, half up; None of none."""
        return _percent(self.persistent, self.enrolments)

    @property
    def severe_percent(self) -> float | None:
        """Share of the enrolments in severe absence, one decimal, half up; None of none."""
        return _percent(self.severe, self.enrolments)


NO_TOTALS: Final = Totals()


@dataclass(frozen=True, slots=True)
class MarkChanges:
    """The marks of one session to store, in columns: each enrolment once, in order.

    Attributes:
        numbers: the code number of each enrolment's mark.
        schools: the place of each enrolment's school in `newest`, from 1.
        newest: when the newest register of each school was recorded.
    """

    school_year: int
    slot: int
    enrolments: Sequence[UUID]
    numbers: bytes
    schools: Sequence[int]
    newest: Mapping[UUID, datetime]


def mark_changes(events: Sequence[RegisterRecorded]) -> list[MarkChanges]:
    """Fold a batch of registers into the latest mark of each enrolment, session by session.

    A statement may update a row once, and what it stores for one session shares the slot: a batch
    of a morning is one statement, however many schools and corrections it holds.
    """
    newest = newest_registers(events)
    places = {school_id: place for place, school_id in enumerate(newest, 1)}
    sessions: dict[tuple[int, int], _Marks] = {}
    for event in events:
        session = (school_year(event.date), slot(event.date, event.session))
        numbers = map(MARK_NUMBER_OF.__getitem__, event.codes)
        marks = zip(numbers, repeat(places[event.school_id]), strict=False)
        sessions.setdefault(session, {}).update(zip(event.enrolments, marks, strict=True))
    return [_in_order(*session, marks, newest) for session, marks in sessions.items()]


_Marks = dict[UUID, tuple[int, int]]
"""By enrolment, the number of its mark and the place of its school."""


def _in_order(year: int, place: int, marks: _Marks, newest: Mapping[UUID, datetime]) -> MarkChanges:
    enrolments = sorted(marks, key=_ID_AS_INTEGER)
    numbers, schools = zip(*map(marks.__getitem__, enrolments), strict=True)
    return MarkChanges(year, place, enrolments, bytes(numbers), schools, newest)


def newest_registers(events: Sequence[RegisterRecorded]) -> dict[UUID, datetime]:
    """Tell for each school when the newest of its registers was recorded."""
    newest: dict[UUID, datetime] = {}
    for event in events:
        known = newest.get(event.school_id, event.recorded_at)
        newest[event.school_id] = max(known, event.recorded_at)
    return newest
