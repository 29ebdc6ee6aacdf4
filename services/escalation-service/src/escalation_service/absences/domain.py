"""The ledger of absences: what a batch of registers changes in it.

Beside absences it keeps the sessions in which the whole site was shut (Y4): they break no run, and
are no session for any clock.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import compress
from operator import or_
from typing import Final, NamedTuple
from uuid import UUID

from attendance_contracts.calendar import Session, london_date, school_year
from attendance_contracts.codes import ABSENCE, SITE_SHUT
from attendance_contracts.counting import SchoolHours, SessionAhead
from attendance_contracts.events import RegisterRecorded

KEPT: Final = ABSENCE | SITE_SHUT
"""The codes that the ledger keeps."""


class EnrolmentYear(NamedTuple):
    """An enrolment's school year: what a threshold is counted over."""

    enrolment_id: UUID
    school_year: int


class LedgerMark(NamedTuple):
    """An enrolment's mark of one session; the code is None where it is not kept any more."""

    enrolment_id: UUID
    date: date
    session: Session
    code: str | None


@dataclass(frozen=True, slots=True)
class LedgerChanges:
    """What a batch of registers changes in the ledger of absences, each mark once.

    Attributes:
        absent: marks that are kept now.
        not_absent: marks that were kept and are not now.
        touched: the enrolments' years in which a mark that some rule counts came or went.
        lowered: those of them in which one went: what stands there may stand no more.
    """

    absent: Sequence[LedgerMark]
    not_absent: Sequence[LedgerMark]
    touched: Collection[EnrolmentYear]
    lowered: Collection[EnrolmentYear]


def ledger_changes(events: Iterable[RegisterRecorded], counted: frozenset[str]) -> LedgerChanges:
    """Fold registers into changes of the ledger; of one mark's codes the last in the batch holds.

    Most marks say that a child is here and was not thought absent: they change nothing, and are
    passed over before they cost anything. `counted` are the codes that some rule counts.
    """
    sessions: dict[tuple[date, Session], dict[UUID, str | None]] = {}
    touched: set[EnrolmentYear] = set()
    lowered: set[EnrolmentYear] = set()
    for event in events:
        year = school_year(event.date)
        codes = sessions.setdefault((event.date, event.session), {})
        for enrolment_id, code, previous in _concerning_absence(event):
            codes[enrolment_id] = code if code in KEPT else None
            if code in counted or previous in counted:
                touched.add(EnrolmentYear(enrolment_id, year))
            if previous in counted:
                lowered.add(EnrolmentYear(enrolment_id, year))
    marks = [
        LedgerMark(enrolment_id, day, session, code)
        for (day, session), codes in sessions.items()
        for enrolment_id, code in codes.items()
    ]
    return LedgerChanges(
        absent=[mark for mark in marks if mark.code is not None],
        not_absent=[mark for mark in marks if mark.code is None],
        touched=touched,
        lowered=lowered,
    )


def absences_among(marks: Iterable[tuple[UUID, date, Session, str]]) -> list[LedgerMark]:
    """Pick what is kept among marks given as (enrolment, day, session, code)."""
    return [LedgerMark(*mark) for mark in marks if mark[3] in KEPT]


def sessions_planned(
    school_id: UUID, marks: Iterable[LedgerMark], hours: SchoolHours, now: datetime
) -> dict[SessionAhead, datetime]:
    """Return the sessions to come of a school that these marks are of, and when each begins."""
    begins = {
        SessionAhead(school_id, mark.date, mark.session): hours.begins_at(mark.date, mark.session)
        for mark in marks
        if mark.date >= london_date(now)
    }
    return {ahead: at for ahead, at in begins.items() if now < at}


def _concerning_absence(event: RegisterRecorded) -> Iterator[tuple[UUID, str | None, str | None]]:
    """Pick the marks that are or were kept. In C throughout: this looks at every mark."""
    before = event.previous or (None,) * len(event.codes)
    marks = zip(event.enrolments, event.codes, before, strict=True)
    is_absence = map(KEPT.__contains__, event.codes)
    was_absence = map(KEPT.__contains__, before)
    return compress(marks, map(or_, is_absence, was_absence))
