"""What is told of absences: which open, get a reason, are settled, retracted or withdrawn."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import NamedTuple, TypeAlias
from uuid import UUID

from attendance_contracts.calendar import Session
from attendance_contracts.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceRetracted,
    AbsenceSettled,
    AbsenceWithdrawn,
)
from register_service.absences.domain.standings import Standing

Absence = AbsenceRecorded | AbsenceExplained | AbsenceSettled | AbsenceRetracted | AbsenceWithdrawn


class Turn(NamedTuple):
    """A child's session that means something else now to somebody who looks for the child."""

    enrolment_id: UUID
    child_id: UUID
    before: Standing
    after: Standing


def absence_news(
    turns: Iterable[Turn], *, school_id: UUID, day: date, session: Session, now: datetime
) -> list[Absence]:
    """Say what is told of the turns of one session, which may be none.

    One event for all of a kind: a whole school has seventy absences a session.
    """
    news: dict[_NewsOfAbsence, list[Turn]] = {}
    for turn in turns:
        announce = _NEWS.get((turn.before, turn.after))
        if announce is not None:
            news.setdefault(announce, []).append(turn)
    return [
        announce(
            school_id=school_id,
            date=day,
            session=session,
            recorded_at=now,
            enrolments=tuple(turn.enrolment_id for turn in alike),
            children=tuple(turn.child_id for turn in alike),
        )
        for announce, alike in news.items()
    ]


_NewsOfAbsence: TypeAlias = Callable[..., Absence]
_UNEXPLAINED = partial(AbsenceRecorded, state="unexplained")
_ABSENT = partial(AbsenceRecorded, state="explained")
_H, _U, _E, _S, _R = Standing

# (what the mark meant before, what it means now) → what is told of it.
_NEWS: Mapping[tuple[Standing, Standing], _NewsOfAbsence] = {
    (_H, _U): _UNEXPLAINED,
    (_H, _E): _ABSENT,
    (_U, _H): AbsenceWithdrawn,
    (_U, _E): AbsenceExplained,
    (_U, _S): AbsenceSettled,
    (_U, _R): AbsenceRetracted,
    (_E, _H): AbsenceWithdrawn,
    (_E, _U): _UNEXPLAINED,
    (_E, _R): AbsenceRetracted,
    (_S, _H): AbsenceWithdrawn,
    (_S, _U): _UNEXPLAINED,
    (_S, _E): AbsenceExplained,
    (_S, _R): AbsenceRetracted,
    (_R, _H): AbsenceWithdrawn,
    (_R, _U): _UNEXPLAINED,
    (_R, _E): _ABSENT,
    (_R, _S): AbsenceSettled,
}
