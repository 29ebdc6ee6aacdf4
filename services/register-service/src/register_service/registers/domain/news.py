"""What is told of changed marks: the register itself, and what becomes of absences."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from attendance_contracts.calendar import Session
from attendance_contracts.events import RegisterRecorded
from register_service.absences.domain import (
    Absence,
    Entry,
    Standing,
    Turn,
    absence_news,
    standing,
    standings,
)
from register_service.calendar.domain import SchoolSession
from register_service.registers.domain.values import ChangedMark


def register_recorded(
    changed: Sequence[ChangedMark],
    *,
    at: SchoolSession,
    day: date,
    session: Session,
    now: datetime,
) -> RegisterRecorded:
    """Put the changed marks of a submission, one at least, into one columnar event."""
    enrolments, _, previous, codes, *_ = zip(*changed, strict=True)
    return RegisterRecorded(
        school_id=at.school_id,
        date=day,
        session=session,
        recorded_at=now,
        enrolments=enrolments,
        codes=codes,
        previous=None if not any(previous) else previous,
        minutes_late=None,
        begins_at=at.begins_at,
    )


def news_of(
    changed: Sequence[ChangedMark],
    *,
    at: SchoolSession,
    day: date,
    session: Session,
    now: datetime,
) -> list[RegisterRecorded | Absence]:
    """Return all that is to be announced of changed marks: the register, then absences."""
    if not changed:
        return []
    recorded = register_recorded(changed, at=at, day=day, session=session, now=now)
    turns = turns_of(changed, at.contact_codes, day)
    absences = absence_news(turns, school_id=at.school_id, day=day, session=session, now=now)
    return [recorded, *absences]


def turns_of(
    changed: Sequence[ChangedMark], contact_codes: frozenset[str], day: date
) -> Iterator[Turn]:
    """Say what each changed mark meant before and means now to somebody who looks for the child."""
    alone = standings(contact_codes, day)
    for mark in changed:
        if not mark.history and alone.get(mark.code or "") is Standing.HERE:
            continue  # most marks of a morning: nobody to look for before, nor now
        history = (*mark.history, Entry(mark.code, mark.by_name))
        yield Turn(
            mark.enrolment_id,
            mark.child_id,
            standing(mark.history, contact_codes, day),
            standing(history, contact_codes, day),
        )
