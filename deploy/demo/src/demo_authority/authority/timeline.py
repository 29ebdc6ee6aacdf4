"""The played days as they happened: registers, then late arrivals and reasons one by one.

Between its registers a school's office changes single marks, so an old register sent again by a
school's system differs from nothing that system has sent, and may undo nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from attendance_contracts.calendar import Session
from demo_authority.authority.first_marks import WHOLE_SCHOOL, FirstMarks, first_marks
from demo_authority.authority.marks import Marks, registers
from demo_authority.authority.model import Event, EventKind, Register, Roll

_ORDER = {kind: n for n, kind in enumerate(EventKind)}
_RESENT_AFTER = timedelta(days=1, hours=10, minutes=35)
_RESENT_SAME_DAY_AFTER = timedelta(hours=11, minutes=40)


def play(roll: Roll, marks: Marks, *, seed: int, unexplained_share: float) -> list[Event]:
    """Return everything that happens from ``marks.play_from`` to ``marks.upto``, in order.

    ``unexplained_share`` is the fraction of absences whose reason is unknown at first. Replayed
    in order, the events end in ``marks`` exactly.
    """
    rng = Random(f"{seed}:{roll.figures.code}:{marks.upto}:play")  # noqa: S311 - repeatable
    first = first_marks(roll, marks, rng, unexplained_share=unexplained_share)
    sent = list(_registers(roll, marks, first))
    events = [*sent, *first.amendments, *_resent(roll, marks, sent)]
    return sorted(events, key=_in_order)


def _in_order(event: Event) -> tuple[datetime, int, str, str]:
    return event.at, _ORDER[event.kind], event.school_urn, event.class_code


def _registers(roll: Roll, marks: Marks, first: FirstMarks) -> Iterator[Event]:
    second_day = marks.play_from + timedelta(days=1)
    by_class = registers(roll, marks, first=marks.play_from, last=marks.play_from)
    by_school = registers(roll, marks, first=second_day, last=marks.upto, whole_schools=True)
    for final in chain(by_class, by_school):
        index = first.index_of[final.school_urn][final.day, final.session]
        cells = [(enrolment, index) for enrolment in final.enrolments]
        as_sent = replace(
            final,
            codes=tuple(
                first.codes.get(cell, code) for cell, code in zip(cells, final.codes, strict=True)
            ),
            minutes_late=tuple(
                None if cell in first.codes else minutes
                for cell, minutes in zip(cells, final.minutes_late, strict=True)
            ),
        )
        class_code = final.class_code or WHOLE_SCHOOL
        yield Event(
            at=first.taken_at[final.school_urn, class_code, index],
            kind=EventKind.REGISTER,
            school_urn=final.school_urn,
            class_code=class_code,
            day=final.day,
            session=final.session,
            payload=as_sent,
        )


def _resent(roll: Roll, marks: Marks, sent: list[Event]) -> Iterator[Event]:
    """Yield one school's first played morning again, as it was, on the following school day."""
    school = next((s for s in roll.schools if s.urn != marks.silent_school), None)
    mornings = [
        event
        for event in sent
        if school and event.school_urn == school.urn and event.session is Session.AM
    ]
    days = sorted({event.day for event in mornings})
    for event in mornings:
        if event.day == days[0] and isinstance(event.payload, Register):
            day = days[min(1, len(days) - 1)]
            after = _RESENT_AFTER - timedelta(days=1) if len(days) > 1 else _RESENT_SAME_DAY_AFTER
            midnight = event.at.replace(
                year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0
            )
            yield replace(event, at=midnight + after, kind=EventKind.RESENT_REGISTER)
