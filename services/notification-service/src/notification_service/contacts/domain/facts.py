"""What is known of an enrolment's day, and when its family is to be contacted.

An *episode* is one enrolment's day, both its sessions: an afternoon's absence joins the morning's.
Contact is due when the register has closed and the school's grace has passed, so that a child who
arrives late frightens nobody. Source: Working together to improve school attendance (August 2024),
on contacting parents on the first day of an unexplained absence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Final, TypeAlias
from uuid import UUID

from attendance_contracts.calendar import Session, london_date
from attendance_contracts.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceRetracted,
    AbsenceSettled,
    AbsenceWithdrawn,
)
from notification_service.recipients.domain import EnrolmentDay, State
from notification_service.schools.domain import Hours

Absence: TypeAlias = (
    AbsenceRecorded | AbsenceExplained | AbsenceSettled | AbsenceRetracted | AbsenceWithdrawn
)


class Stands(StrEnum):
    """What stands of a child's day now, its sessions taken together."""

    MISSED = "missed"
    """Absent in some session, and nobody knows why."""
    EXPLAINED = "explained"
    """Absent, with a reason in some session; or settled by the office, which asks nobody."""
    RETRACTED = "retracted"
    """Nobody says any more that the child is absent, nor that they are not."""
    HERE = "here"
    """In school or in education after all, or not expected: the session was not held, the child
    was not on roll."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What was last said of one session, and when in domain time."""

    state: State
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What is known of one enrolment's day: whose it is, and the last word on each session."""

    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    date: date
    facts: Mapping[Session, Fact]

    @property
    def unexplained(self) -> list[Session]:
        """The sessions for which nobody knows where the child is."""
        return [session for session, fact in self.facts.items() if fact.state == "unexplained"]

    @property
    def stands(self) -> Stands:
        """What stands of the day: the first of these that is so of some session."""
        states = {fact.state for fact in self.facts.values()}
        if "unexplained" in states:
            return Stands.MISSED
        if states & {"explained", "settled"}:
            return Stands.EXPLAINED
        return Stands.RETRACTED if "retracted" in states else Stands.HERE

    def is_first_day(self) -> bool:
        """Tell whether an absence was known on its own day.

        A register that arrives later, a term brought in at once for instance, is no reason to
        frighten anybody today.
        """
        return any(
            london_date(self.facts[session].recorded_at) <= self.date
            for session in self.unexplained
        )

    def first_due_at(self, hours: Hours) -> datetime:
        """Return when the first message is due: not before contact is, nor before it was known."""
        return min(
            max(hours.contact_from(self.date, session), self.facts[session].recorded_at)
            for session in self.unexplained
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode(Day):
    """A day about which a family is, or was, to be told, and the round of messages it is in.

    `version` counts how often something was heard of it; `exhausted_in` is the round in which it
    was said that nobody is left to tell, unless somebody was told since.
    """

    id: UUID
    round: int = 1
    version: int = 1
    exhausted_in: int | None = None

    def after(self, news: Day) -> "Episode":
        """Return the episode after newer words on its sessions.

        Of a session in which nobody ever looked for the child, nothing is kept: that a reason was
        known from the start says nothing of the other session, nor of what the family was told.
        """
        heard = {
            session: fact
            for session, fact in news.facts.items()
            if session in self.facts or fact.state == "unexplained"
        }
        return replace(self, facts={**self.facts, **heard})


def opened(news: Day, episode_id: UUID) -> Episode | None:
    """Open an episode for a day not heard of before; an absence already explained opens none."""
    if not news.unexplained:
        return None
    return Episode(
        id=episode_id,
        enrolment_id=news.enrolment_id,
        child_id=news.child_id,
        school_id=news.school_id,
        date=news.date,
        facts={session: news.facts[session] for session in news.unexplained},
    )


def as_it_stands(whose: Day, stands: Mapping[Session, State], *, now: datetime) -> list[Absence]:
    """Return what must be heard of a day so that it says what the register says now.

    `whose` is what is known of it; it may hold no facts yet. `stands` is what the register says at
    `now` of each session that has had a mark.
    """
    return [
        _NEWS[state](
            school_id=whose.school_id,
            date=whose.date,
            session=session,
            recorded_at=now,
            enrolments=(whose.enrolment_id,),
            children=(whose.child_id,),
        )
        for session, state in _differing(whose, stands)
    ]


def _differing(whose: Day, stands: Mapping[Session, State]) -> list[tuple[Session, State]]:
    """Say what the register says otherwise; of a session without a mark, that nothing stands."""
    known = {session: fact.state for session, fact in whose.facts.items()}
    said = {session: stands.get(session, "retracted") for session in Session}
    return [
        (session, state)
        for session, state in said.items()
        if state != known.get(session) and (session in known or state == "unexplained")
    ]


_NEWS: Final[Mapping[State, Callable[..., Absence]]] = {
    "unexplained": partial(AbsenceRecorded, state="unexplained"),
    "explained": AbsenceExplained,
    "settled": AbsenceSettled,
    "retracted": AbsenceRetracted,
    "withdrawn": AbsenceWithdrawn,
}


def fold(events: Sequence[Absence]) -> dict[EnrolmentDay, Day]:
    """Fold a batch into what it says of each enrolment's day, sorted by enrolment and date.

    Of each session the last word counts: what was said and taken back within a batch was never
    heard outside.
    """
    days: dict[EnrolmentDay, Day] = {}
    for event in events:
        heard = {event.session: Fact(event.state, event.recorded_at)}
        for enrolment, child in zip(event.enrolments, event.children, strict=True):
            key = (enrolment, event.date)
            before = days[key].facts if key in days else {}
            days[key] = Day(
                enrolment_id=enrolment,
                child_id=child,
                school_id=event.school_id,
                date=event.date,
                facts={**before, **heard},
            )
    return dict(sorted(days.items()))
