"""A child at a school on a day, and whether anybody has to be told where they are not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from attendance_contracts.calendar import Session
from attendance_contracts.counting import OnRoll, SchoolHours, Uncounted, uncounted
from register_service.absences.domain import Entry, Standing, standing
from register_service.contacts.domain.eligible import Candidate


@dataclass(frozen=True, slots=True)
class Question:
    """Whether, and by whom, a child's day may be told of: for the first time, or to correct it."""

    enrolment_id: UUID
    day: date
    is_correction: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildToday:
    """A child at a school on a day: what a message needs, and what decides whether one is due.

    Attributes:
        contact_codes: the codes for which the school contacts families.
        on_roll: from when until when the child is on the school's roll.
        held: the slots of the day's sessions that the school holds, as its calendar stands.
        said: all that each session's mark has said, oldest first.
        quiet_from, quiet_until: the hours over night in which the school sends no correction.
        next_school_day: the one after the day; None for a first contact, or if none is known.
    """

    day: date
    enrolment_id: UUID
    child_name: str
    school_name: str
    contact_codes: frozenset[str]
    on_roll: OnRoll
    held: frozenset[int]
    hours: SchoolHours
    said: Mapping[Session, Sequence[Entry]]
    quiet_from: time
    quiet_until: time
    next_school_day: date | None
    looked_after: bool
    contacts: Sequence[Candidate]

    def stands(self, now: datetime) -> Mapping[Session, Standing]:
        """Return what each session's mark means now; nobody looks for a child not expected."""
        return {
            session: standing(said, self.contact_codes, self.day)
            if self._uncounted(session, now) in {None, Uncounted.PLANNED}
            else Standing.HERE
            for session, said in self.said.items()
        }

    def open_sessions(self, now: datetime) -> Sequence[Session]:
        """Return the sessions, begun by now, in which nobody knows where the child is."""
        return [
            session
            for session, means in self.stands(now).items()
            if means is Standing.UNEXPLAINED and self._uncounted(session, now) is None
        ]

    def _uncounted(self, session: Session, now: datetime) -> Uncounted | None:
        return uncounted(
            self.day,
            session,
            on_roll=self.on_roll,
            sessions=self.held,
            begins_at=self.hours.begins_at(self.day, session),
            now=now,
        )
