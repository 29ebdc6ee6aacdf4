"""An enrolment's sessions as a row of bytes, one per session of its school, and how they fill.

A byte is a code's ``number`` of the code table; 0 means no mark (not on roll, or the school sent
no register). Even places are mornings. A seat begins as present throughout and is written over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from attendance_contracts.calendar import Session
from attendance_contracts.codes import NO_MARK, NUMBER_OF
from demo_authority.authority.model import Child, Enrolment, School

PRESENT_AM, PRESENT_PM = NUMBER_OF["/"], NUMBER_OF["\\"]
_ELSEWHERE = NUMBER_OF["D"]


@dataclass(slots=True)
class Seat:
    """One enrolment while its marks are being written."""

    enrolment: Enrolment
    child: Child
    school: School
    row: bytearray
    first: int
    """Index of the first session on roll."""
    end: int
    """Index just after the last session on roll."""
    possible: int
    """Sessions the enrolment counts for, at the start all of them present."""
    left: int = 0
    """Absent sessions still to be given out."""
    settled: bool = False
    """True when the seat's unauthorised absence is complete and nothing may be added to it."""

    def is_present(self, index: int) -> bool:
        """Say whether the session is still plainly present."""
        return self.row[index] in {PRESENT_AM, PRESENT_PM}

    def write(
        self, code: str, start: int, length: int, *, step: int = 1, window: range | None = None
    ) -> list[int]:
        """Write a code over up to ``length`` present sessions from ``start`` on; return where.

        Sessions already taken are passed over; from the window's end (the time on roll unless
        given) the writing goes on backwards from the start.
        """
        span = window or range(self.first, self.end)
        number = NUMBER_OF[code]
        written: list[int] = []
        onwards = range(start, span.stop, step)
        back = range(start - step, span.start - 1, -step)
        for index in chain(onwards, back):
            if len(written) == length:
                break
            if self.is_present(index):
                self.row[index] = number
                written.append(index)
        return written

    def give_up(self, code: str, start: int, length: int, *, step: int = 1) -> int:
        """Write an absence and take it off what is left; return the sessions written."""
        written = len(self.write(code, start, min(length, self.left), step=step))
        self.left -= written
        return written


def sessions_of(school: School, upto: date) -> tuple[tuple[date, Session], ...]:
    """Return the school's sessions from the start of the year to ``upto`` (inclusive)."""
    return tuple(
        (day, half) for day in school.calendar.school_days if day <= upto for half in Session
    )


def new_seat(
    enrolment: Enrolment, child: Child, school: School, sessions: Sequence[tuple[date, Session]]
) -> Seat:
    """Return a seat present at every session it is due at, D where the other school hosts it."""
    row = bytearray(len(sessions))
    on_roll = [
        index
        for index, (day, _) in enumerate(sessions)
        if enrolment.starts_on <= day and (enrolment.ends_on is None or day <= enrolment.ends_on)
    ]
    for index in on_roll:
        day, half = sessions[index]
        present = PRESENT_AM if half is Session.AM else PRESENT_PM
        row[index] = present if day.weekday() in enrolment.weekdays else _ELSEWHERE
    first, end = (on_roll[0], on_roll[-1] + 1) if on_roll else (0, 0)
    possible = sum(mark not in {NO_MARK, _ELSEWHERE} for mark in row)
    return Seat(enrolment, child, school, row, first, end, possible)
