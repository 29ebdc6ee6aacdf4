"""The ledger of absences: what a batch of registers changes in it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from operator import or_
from typing import NamedTuple
from uuid import UUID

from attendance_contracts.calendar import Session, school_year
from attendance_contracts.codes import ABSENCE
from attendance_contracts.events import RegisterRecorded


class EnrolmentYear(NamedTuple):
    """An enrolment's school year: what a threshold is counted over."""

    enrolment_id: UUID
    school_year: int


class AbsenceMark(NamedTuple):
    """An absence of one session, as a decision saw it."""

    date: date
    session: Session
    code: str


class LedgerMark(NamedTuple):
    """An enrolment's mark of one session; the code is None where it is no absence any more."""

    enrolment_id: UUID
    date: date
    session: Session
    code: str | None


@dataclass(frozen=True, slots=True)
class LedgerChanges:
    """What a batch of registers changes in the ledger of absences, each mark once.

    Attributes:
        absent: marks that are an absence now.
        not_absent: marks that were an absence and are none now.
        touched: the enrolments' years in which a mark that some rule counts came or went.
    """

    absent: Sequence[LedgerMark]
    not_absent: Sequence[LedgerMark]
    touched: Collection[EnrolmentYear]


def ledger_changes(events: Iterable[RegisterRecorded], counted: frozenset[str]) -> LedgerChanges:
    """Fold registers into changes of the ledger; of one mark's codes the last in the batch holds.

    Most marks say that a child is here and was not thought absent: they change nothing, and are
    passed over before they cost anything. `counted` are the codes that some rule counts.
    """
    sessions: dict[tuple[date, Session], dict[UUID, str | None]] = {}
    touched: set[EnrolmentYear] = set()
    for event in events:
        year = school_year(event.date)
        codes = sessions.setdefault((event.date, event.session), {})
        for enrolment_id, code, previous in _concerning_absence(event):
            codes[enrolment_id] = code if code in ABSENCE else None
            if code in counted or previous in counted:
                touched.add(EnrolmentYear(enrolment_id, year))
    marks = [
        LedgerMark(enrolment_id, day, session, code)
        for (day, session), codes in sessions.items()
        for enrolment_id, code in codes.items()
    ]
    return LedgerChanges(
        absent=[mark for mark in marks if mark.code is not None],
        not_absent=[mark for mark in marks if mark.code is None],
        touched=touched,
    )


def absences_among(marks: Iterable[tuple[UUID, date, Session, str]]) -> list[LedgerMark]:
    """Pick the absences among marks given as (enrolment, day, session, code)."""
    return [LedgerMark(*mark) for mark in marks if mark[3] in ABSENCE]


def _concerning_absence(event: RegisterRecorded) -> Iterator[tuple[UUID, str | None, str | None]]:
    """Pick the marks that are or were an absence. In C throughout: this looks at every mark."""
    before = event.previous or (None,) * len(event.codes)
    marks = zip(event.enrolments, event.codes, before, strict=True)
    is_absence = map(ABSENCE.__contains__, event.codes)
    was_absence = map(ABSENCE.__contains__, before)
    return compress(marks, map(or_, is_absence, was_absence))
