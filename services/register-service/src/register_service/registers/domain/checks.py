"""Which marks can stand in a register, which are worth a look, and why.

Sources: School Attendance (Pupil Registration) (England) Regulations 2024, reg 10 (codes, entries,
amendments); Working together to improve school attendance, August 2024 (what goes with a code).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from attendance_contracts.ages import is_of_compulsory_age
from attendance_contracts.calendar import Session
from attendance_contracts.codes import NUMBER_OF, REASON_REQUIRED, SITE_SHUT, Code, code_on
from attendance_contracts.faults import Fault
from attendance_contracts.words import check_text
from register_service.absences.domain import NOT_GIVEN
from register_service.registers.domain.values import Amendment, SentMark, WrongMark

LONGEST_REASON: Final = 500
LONGEST_NAME: Final = 200
"""Of an amender, and of their title."""

LATEST_MINUTES: Final = 360
"""Nobody comes later than a session is long: half of the longest school day, twelve hours."""

_NOT_A_PUPILS: Final = {
    "#": "A planned closure is the whole school's: leave the session out of its calendar.",
    "Z": "This code is for a child who is not on roll: mark the child, or end the place on roll.",
}
"""Codes that no pupil of a taken register can have, and what to do instead."""


@lru_cache(maxsize=1024)
def codes_allowed(day: date, session: Session) -> Mapping[str, Code]:
    """Return the codes that may stand in a register on a day, for a session."""
    found = (code_on(code, day) for code in NUMBER_OF if code not in _NOT_A_PUPILS)
    return {code.code: code for code in found if code is not None and session in code.sessions}


def check_marks(
    marks: Sequence[SentMark], day: date, session: Session, *, is_closed: bool = False
) -> list[WrongMark]:
    """Find the marks that cannot stand in this session's register, each with its reason.

    Of a session that the calendar declares closed nothing can be said but that the site was shut.
    """
    # Asked of all at once first, since nearly every register is right in all its marks.
    codes = {mark.code for mark in marks}
    wrong: list[WrongMark] = []
    if is_closed or not codes <= codes_allowed(day, session).keys():
        wrong += _codes_refused(marks, day, session, is_closed=is_closed)
    if not {mark.minutes_late for mark in marks} <= _POSSIBLE_LATENESS:
        wrong += _impossibly_late(marks)
    if not codes.isdisjoint(REASON_REQUIRED):
        wrong += _without_reason(marks)
    worded = [mark for mark in marks if mark.amendment is not None]
    if worded:
        wrong += _words_refused(worded)
    if len({(mark.scheme, mark.key) for mark in marks}) < len(marks):
        wrong += _named_twice(marks)
    return wrong


def _codes_refused(
    marks: Sequence[SentMark], day: date, session: Session, *, is_closed: bool
) -> Iterator[WrongMark]:
    not_held = "This session is not held: mark it Y4, or correct the calendar."
    for mark in marks:
        refusal = code_refusal(mark.code, day, session)
        if refusal is None and is_closed and mark.code not in SITE_SHUT:
            refusal = not_held
        if refusal is not None:
            yield WrongMark(mark.position, "code", refusal)


_POSSIBLE_LATENESS: Final = frozenset({None, *range(LATEST_MINUTES + 1)})


def _impossibly_late(marks: Sequence[SentMark]) -> Iterator[WrongMark]:
    detail = f"Nobody is late by less than 0 minutes, or by more than a session: {LATEST_MINUTES}."
    for mark in marks:
        if mark.minutes_late not in _POSSIBLE_LATENESS:
            yield WrongMark(mark.position, "minutes_late", detail)


def _without_reason(marks: Sequence[SentMark]) -> Iterator[WrongMark]:
    """Find the marks whose code needs a reason in words, and that came without one."""
    for mark in marks:
        reason = NOT_GIVEN if mark.amendment is None else mark.amendment.reason
        if mark.code in REASON_REQUIRED and reason == NOT_GIVEN:
            detail = f"Write the reason: {mark.code} alone does not tell it."
            yield WrongMark(mark.position, "reason", detail)


def _words_refused(worded: Sequence[SentMark]) -> Iterator[WrongMark]:
    """Find words that cannot be kept, each by the field in which it was sent."""
    for mark in worded:
        said = mark.amendment or Amendment()
        for field, text, longest in (
            ("reason", said.reason, LONGEST_REASON),
            ("amender_name", said.name, LONGEST_NAME),
            ("amender_title", said.title, LONGEST_NAME),
        ):
            if refusal := check_text(text, at_most=longest):
                yield WrongMark(mark.position, field, refusal)


def _named_twice(marks: Sequence[SentMark]) -> Iterator[WrongMark]:
    first = {(mark.scheme, mark.key): mark for mark in reversed(marks)}
    for mark in marks:
        if first[mark.scheme, mark.key] is not mark:
            yield WrongMark(mark.position, "", "This pupil already has a mark in this body.")


def code_refusal(code: str, day: date, session: Session) -> str | None:
    """Say why a code cannot stand in a session's register on a day, or None if it can."""
    other = Session.PM if session is Session.AM else Session.AM
    if code in codes_allowed(day, session):
        return None
    if code in _NOT_A_PUPILS:
        return _NOT_A_PUPILS[code]
    if code in codes_allowed(day, other):
        return f"This code does not belong in a {session} register."
    if code in NUMBER_OF:
        return "This code was not in force on that date."
    return "There is no such attendance code."


AGE_MATTERS: Final = frozenset({"X", "C2"})
"""X is for children who need not attend yet or any more, C2 for those who must."""


def age_refusal(code: str, born: date, day: date) -> str | None:
    """Say why a code cannot be this child's at this age, or None if it can."""
    if code == "X" and is_of_compulsory_age(born, day):
        return "The child is of compulsory school age and must attend: X cannot be."
    return None


def wrong_for_their_age(
    marks: Sequence[SentMark], born: Mapping[int, date], day: date
) -> list[WrongMark]:
    """Find marks that cannot be a child's at this age; `born` holds birth dates by position."""
    return [
        WrongMark(mark.position, "code", refusal)
        for mark in marks
        if mark.position in born and (refusal := age_refusal(mark.code, born[mark.position], day))
    ]


def code_warning(code: str, born: date | None, day: date) -> str | None:
    """Say what is worth a look about a code that is accepted, or None.

    Withdrawn codes still come from feeds, and are counted as they were. The birth date is asked
    for only where the code is one to which age matters.
    """
    if code == "C2" and born is not None and not is_of_compulsory_age(born, day):
        return "The child is not of compulsory school age: C2 is for those who must attend."
    found = code_on(code, day)
    return None if found is None else found.warning


def warnings_for(
    marks: Sequence[SentMark], born: Mapping[int, date], day: date, session: Session
) -> list[WrongMark]:
    """Find accepted marks that somebody should look at; `born` holds birth dates by position."""
    worth_a_look = AGE_MATTERS.union(
        name for name, code in codes_allowed(day, session).items() if code.warning
    )
    return [
        WrongMark(mark.position, "code", warning)
        for mark in marks
        if mark.code in worth_a_look
        and (warning := code_warning(mark.code, born.get(mark.position), day))
    ]


def amended_here(positions: Sequence[int]) -> list[WrongMark]:
    """Point at pupils sent without a mark whose mark the office had amended: theirs stands."""
    detail = "The office amended this mark, and what it says stands; amend it there."
    return [WrongMark(position, "code", detail) for position in positions]


def faults(wrong: Sequence[WrongMark]) -> list[Fault]:
    """Point at each wrong mark in the body."""
    return [
        Fault(mark.detail, f"#/marks/{mark.position}" + (f"/{mark.field}" if mark.field else ""))
        for mark in wrong
    ]
