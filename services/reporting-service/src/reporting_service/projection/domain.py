"""What a batch of registers changes, and how an enrolment's year of marks adds up.

Which marks count is the platform's one rule, `attendance_contracts.counting`. Here it has its parts
where each is known: whether a session is the child's lies beside the year's marks and changes with
roll and calendar; whether it has begun lies in the mark's own byte.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import repeat
from operator import attrgetter
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import SLOTS_PER_YEAR, school_year, slot
from attendance_contracts.codes import (
    ATTENDED,
    AUTHORISED,
    MARK_NUMBER_OF,
    NO_MARK,
    NUMBER_OF,
    UNAUTHORISED,
    numbers_of,
)
from attendance_contracts.counting import (
    OnRoll,
    SchoolHours,
    begins_at,
    shows_register_taken,
)
from attendance_contracts.events import RegisterRecorded
from attendance_contracts.measures import NO_SESSIONS, Tally

_ID_AS_INTEGER: Final = attrgetter("int")  # ids compare six times as fast by their numbers

NO_MARKS: Final = bytes(SLOTS_PER_YEAR)
"""A school year in which nothing has been marked."""

# A mark's byte: the number of its code, and two bits that no code's number reaches.
CODE: Final = 0x3F
AHEAD: Final = 0x40
"""Entered before its session began, by somebody who need not have looked for the child."""
TO_COME: Final = 0x80
"""Its session has not begun: the mark is planned, and counts nowhere yet."""

_BYTES: Final = range(256)
CODES: Final = bytes(one & CODE for one in _BYTES)
"""The number of each byte's code, to translate by."""
_BEGUN: Final = bytes(0 if one & TO_COME else one & CODE for one in _BYTES)
_AS_MASK: Final = bytes.maketrans(b"01", b"\x00\xff")

_CLASSES: Final = tuple(numbers_of(codes) for codes in (ATTENDED, AUTHORISED, UNAUTHORISED))

COUNTS_AS: Final = tuple(bytes(_BEGUN[one] in of for one in _BYTES) for of in _CLASSES)
"""For attended, authorised and unauthorised in turn: 1 at each byte of the class."""

_CLASS_OF: Final = bytes(
    next((index for index, of in enumerate(_CLASSES, 1) if _BEGUN[one] in of), 0) for one in _BYTES
)


def tally_of(marks: bytes) -> Tally:
    """Count marks given as bytes; those to come and the zeros of missing ones count nowhere."""
    classes = marks.translate(_CLASS_OF)
    return Tally(classes.count(1), classes.count(2), classes.count(3))


_BITS_BYTES: Final = (SLOTS_PER_YEAR + 7) // 8

NOWHERE: Final = bytes(_BITS_BYTES)
"""The sessions of an enrolment of which roll or calendar is not known: none."""


@lru_cache(maxsize=4096)
def sessions_of(on_roll: OnRoll, year: int, taught: tuple[int, ...]) -> bytes:
    """Return the sessions of a school year that are a child's: on roll, and held by the calendar.

    A bit for each slot, the first being the lowest of the first byte, as PostgreSQL counts them.
    """
    on_these = on_roll.slots(year)
    return sum(1 << place for place in taught if place in on_these).to_bytes(_BITS_BYTES, "little")


@lru_cache(maxsize=4096)
def _mask(sessions: bytes) -> int:
    bits = f"{int.from_bytes(sessions, 'little'):0{SLOTS_PER_YEAR}b}"[::-1]
    return int.from_bytes(bits.encode().translate(_AS_MASK))


@dataclass(frozen=True, slots=True)
class YearOfMarks:
    """An enrolment's school year.

    Attributes:
        tally: the sessions that count.
        marks: the byte of each of 732 slots, whether it counts or not.
        sessions: a bit for each slot: whether the session is the child's (`sessions_of`).
    """

    tally: Tally = NO_SESSIONS
    marks: bytes = NO_MARKS
    sessions: bytes = NOWHERE

    @property
    def counted(self) -> bytes:
        """The code numbers of the marks that count, zero elsewhere."""
        begun = int.from_bytes(self.marks.translate(_BEGUN))
        return (begun & _mask(self.sessions)).to_bytes(SLOTS_PER_YEAR)

    @property
    def planned(self) -> bytes:
        """The code numbers of the marks whose sessions are the child's and to come."""
        codes = int.from_bytes(self.marks.translate(CODES)) & _mask(self.sessions)
        return (codes ^ int.from_bytes(self.counted)).to_bytes(SLOTS_PER_YEAR)

    def at(self, slots: Iterable[int]) -> bytes:
        """Return the marks of some slots, in their order."""
        return bytes(map(self.marks.__getitem__, slots))


def year_of(marks: bytes, sessions: bytes) -> YearOfMarks:
    """Return the year with its counters."""
    uncounted = YearOfMarks(marks=marks, sessions=sessions)
    return replace(uncounted, tally=tally_of(uncounted.counted))


@dataclass(frozen=True, slots=True)
class MarkChanges:
    """The marks of one session to store, in columns: each enrolment once, in order.

    Attributes:
        numbers: the byte of each enrolment's mark.
        schools: the place of each enrolment's school in `newest`, from 1.
        newest: when the newest register of each school was recorded.
    """

    school_year: int
    slot: int
    enrolments: Sequence[UUID]
    numbers: bytes
    schools: Sequence[int]
    newest: Mapping[UUID, datetime]


@dataclass(frozen=True, slots=True)
class KeptYear:
    """A year row as it stands, with what is known now of its enrolment and the school.

    Attributes:
        taught: the slots that the school's calendar holds; none while it is not known.
        hours: when sessions begin.
    """

    enrolment_id: UUID
    school_year: int
    stands: YearOfMarks
    school_id: UUID
    on_roll: OnRoll
    taught: tuple[int, ...]
    hours: SchoolHours


def figured(kept: KeptYear, now: datetime) -> YearOfMarks:
    """Return the row as it should stand: roll, calendar or the time of day may have changed."""
    sessions = sessions_of(kept.on_roll, kept.school_year, kept.taught)
    begun = kept.hours.begun_before(kept.school_year, now)
    old = kept.stands.marks
    marks = old[:begun].translate(_NOT_TO_COME) + old[begun:]
    if (marks, sessions) == (old, kept.stands.sessions):
        return kept.stands
    return year_of(marks, sessions)


_NOT_TO_COME: Final = bytes(one & ~TO_COME & 0xFF for one in _BYTES)


def mark_changes(events: Sequence[RegisterRecorded], now: datetime) -> list[MarkChanges]:
    """Fold a batch of registers into the latest mark of each enrolment, session by session.

    A statement may update a row once, and what it stores for one session shares the slot: a batch
    of a morning is one statement, however many schools and corrections it holds.
    """
    newest = newest_registers(events)
    places = {school_id: place for place, school_id in enumerate(newest, 1)}
    sessions: dict[tuple[int, int], _Marks] = {}
    for event in events:
        session = (school_year(event.date), slot(event.date, event.session))
        numbers = map(_bytes_of(event, now).__getitem__, event.codes)
        marks = zip(numbers, repeat(places[event.school_id]), strict=False)
        sessions.setdefault(session, {}).update(zip(event.enrolments, marks, strict=True))
    return [_in_order(*session, marks, newest) for session, marks in sessions.items()]


def _bytes_of(event: RegisterRecorded, now: datetime) -> Mapping[str | None, int]:
    """Return the byte of each code in a register: most are taken when their session has begun."""
    begins = begins_at(event)
    if now < begins:
        return _BYTE_TO_COME
    return MARK_NUMBER_OF if event.recorded_at >= begins else _BYTE_AHEAD


_EARLIER, _LATER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_AHEAD: Final = {
    code: number if shows_register_taken(code, _EARLIER, _LATER) else number | AHEAD
    for code, number in NUMBER_OF.items()
}
_NONE: Final[dict[str | None, int]] = {None: NO_MARK}
_BYTE_AHEAD: Final = _NONE | _AHEAD
_BYTE_TO_COME: Final = _NONE | {code: byte | TO_COME for code, byte in _AHEAD.items()}


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
