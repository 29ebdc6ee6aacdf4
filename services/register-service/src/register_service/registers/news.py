"""What changed marks mean to those who listen: the register itself, and whose absences they open.

Source: Working together to improve school attendance, August 2024 (first-day contact).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache, partial
from typing import TypeAlias

from attendance_contracts.calendar import Session
from attendance_contracts.codes import NUMBER_OF, code_on
from attendance_contracts.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceWithdrawn,
    RegisterRecorded,
)
from register_service.registers.domain import ChangedMark, SchoolSession


class Standing(StrEnum):
    """What a mark means to somebody who looks for the child."""

    HERE = "here"
    UNEXPLAINED = "unexplained"
    EXPLAINED = "explained"


def standing(
    code: str | None, before: Standing, contact_codes: frozenset[str], day: date
) -> Standing:
    """Say what a mark means, given what was known before it.

    A code for which the school contacts families (N by default) is an unexplained absence. An O
    that follows one leaves it unexplained: five school days went by and nobody gave a reason. An O
    that comes first is the school's own settled view, and nobody is contacted about it.
    """
    if code == "O" and before is Standing.UNEXPLAINED:
        return Standing.UNEXPLAINED
    return standings(contact_codes, day).get(code or "", Standing.HERE)


@lru_cache(maxsize=1024)
def standings(contact_codes: frozenset[str], day: date) -> Mapping[str, Standing]:
    """Say what each code in force on a day means by itself, for a school's contact codes."""
    in_force = (code for code in (code_on(name, day) for name in NUMBER_OF) if code is not None)
    return {
        code.code: Standing.UNEXPLAINED
        if code.code in contact_codes
        else Standing.EXPLAINED
        if code.is_away
        else Standing.HERE
        for code in in_force
    }


Absence = AbsenceRecorded | AbsenceExplained | AbsenceWithdrawn


def classify_changes(
    changed: Sequence[ChangedMark],
    *,
    at: SchoolSession,
    day: date,
    session: Session,
    now: datetime,
) -> list[Absence]:
    """Say which absences open, get a reason or are withdrawn by the changed marks.

    One event for all of a kind: a whole school has seventy absences a session.
    """
    news: dict[_NewsOfAbsence, list[ChangedMark]] = {}
    alone = standings(at.contact_codes, day)
    for mark in changed:
        if mark.previous is None and alone[mark.code] is Standing.HERE:
            continue  # most marks of a morning: nobody to look for before, nor now
        before = standing(mark.previous, Standing.HERE, at.contact_codes, day)
        after = standing(mark.code, before, at.contact_codes, day)
        announce = _NEWS.get((before, after))
        if announce is not None:
            news.setdefault(announce, []).append(mark)
    return [
        announce(
            school_id=at.school_id,
            date=day,
            session=session,
            recorded_at=now,
            enrolments=tuple(mark.enrolment_id for mark in marks),
            children=tuple(mark.child_id for mark in marks),
        )
        for announce, marks in news.items()
    ]


_NewsOfAbsence: TypeAlias = Callable[..., Absence]
_UNEXPLAINED: _NewsOfAbsence = partial(AbsenceRecorded, state="unexplained")

_NEWS: Mapping[tuple[Standing, Standing], _NewsOfAbsence] = {
    (Standing.HERE, Standing.UNEXPLAINED): _UNEXPLAINED,
    (Standing.HERE, Standing.EXPLAINED): partial(AbsenceRecorded, state="explained"),
    (Standing.EXPLAINED, Standing.UNEXPLAINED): _UNEXPLAINED,
    (Standing.UNEXPLAINED, Standing.EXPLAINED): AbsenceExplained,
    (Standing.UNEXPLAINED, Standing.HERE): AbsenceWithdrawn,
    (Standing.EXPLAINED, Standing.HERE): AbsenceWithdrawn,
}


def register_recorded(
    changed: Sequence[ChangedMark],
    *,
    at: SchoolSession,
    day: date,
    session: Session,
    now: datetime,
) -> RegisterRecorded:
    """Put the changed marks of a submission, one at least, into one columnar event."""
    enrolments, _, previous, codes = zip(*changed, strict=True)
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
    return [recorded, *classify_changes(changed, at=at, day=day, session=session, now=now)]
