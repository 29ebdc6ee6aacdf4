"""The ledger of absences: what a batch of registers changes in it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
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


class MarkKey(NamedTuple):
    """Which mark: an enrolment's, of one session."""

    enrolment_id: UUID
    date: date
    session: Session


@dataclass(frozen=True, slots=True)
class LedgerChanges:
    """What a batch of registers changes in the ledger of absences, each mark once, sorted by key.

    Attributes:
        absent: marks that are an absence now, with their code.
        not_absent: marks that were an absence and are none now.
        touched: the enrolments' years in which a mark that some rule counts came or went.
    """

    absent: Mapping[MarkKey, str]
    not_absent: Sequence[MarkKey]
    touched: Collection[EnrolmentYear]


def ledger_changes(events: Iterable[RegisterRecorded], counted: frozenset[str]) -> LedgerChanges:
    """Fold registers into changes of the ledger; of one mark's codes the last in the batch holds.

    Most marks say that a child is here and was not thought absent: they change nothing, and are
    passed over before they cost anything. `counted` are the codes that some rule counts.
    """
    codes: dict[MarkKey, str | None] = {}
    touched: set[EnrolmentYear] = set()
    for event in events:
        before = event.previous or (None,) * len(event.codes)
        year = school_year(event.date)
        for enrolment_id, code, previous in zip(event.enrolments, event.codes, before, strict=True):
            is_absence = code in ABSENCE
            if not is_absence and previous not in ABSENCE:
                continue
            codes[MarkKey(enrolment_id, event.date, event.session)] = code if is_absence else None
            if code in counted or previous in counted:
                touched.add(EnrolmentYear(enrolment_id, year))
    keys = sorted(codes)
    return LedgerChanges(
        absent={key: now for key in keys if (now := codes[key]) is not None},
        not_absent=[key for key in keys if codes[key] is None],
        touched=sorted(touched),
    )


def single_marks(event: RegisterRecorded) -> list[RegisterRecorded]:
    """Cut a register into its marks, so that one that cannot be applied keeps no other out."""
    return [
        replace(
            event,
            enrolments=event.enrolments[at],
            codes=event.codes[at],
            previous=None if event.previous is None else event.previous[at],
            minutes_late=None if event.minutes_late is None else event.minutes_late[at],
        )
        for at in (slice(index, index + 1) for index in range(len(event.enrolments)))
    ]
