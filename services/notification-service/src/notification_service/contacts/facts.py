"""What is known of an enrolment's day, and when its family is to be contacted.

An *episode* is one enrolment's day, both its sessions: an afternoon's absence joins the morning's.
Contact is due when the register has closed and the school's grace has passed, so that a child who
arrives late frightens nobody. Source: Working together to improve school attendance (August 2024),
on contacting parents on the first day of an unexplained absence.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Literal, TypeAlias
from uuid import UUID

from attendance_contracts.calendar import Session, london_date
from attendance_contracts.events import AbsenceExplained, AbsenceRecorded, AbsenceWithdrawn
from notification_service.schools.domain import Hours

State: TypeAlias = Literal["unexplained", "explained", "withdrawn"]
Absence: TypeAlias = AbsenceRecorded | AbsenceExplained | AbsenceWithdrawn
EnrolmentDay: TypeAlias = tuple[UUID, date]


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

    `version` counts how often something was heard of it.
    """

    id: UUID
    round: int = 1
    version: int = 1

    def after(self, news: Day) -> "Episode":
        """Return the episode after newer words on its sessions."""
        return replace(self, facts={**self.facts, **news.facts})


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
        facts=news.facts,
    )


def as_it_stands(whose: Day, is_open: Collection[Session], *, now: datetime) -> list[Absence]:
    """Return what must be heard of a day so that it says what the register says now.

    `whose` is what is known of it; it may hold no facts yet. `is_open` are the sessions in which,
    as the register says at `now`, nobody knows where the child is.
    """
    return [
        (_UNEXPLAINED if session in is_open else AbsenceWithdrawn)(
            school_id=whose.school_id,
            date=whose.date,
            session=session,
            recorded_at=now,
            enrolments=(whose.enrolment_id,),
            children=(whose.child_id,),
        )
        for session in Session
        if (session in is_open) != (session in whose.unexplained)
    ]


_UNEXPLAINED = partial(AbsenceRecorded, state="unexplained")


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
