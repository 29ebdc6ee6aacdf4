"""What this service's tests are written with: builders of events, looks at what came of them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceRetracted,
    AbsenceSettled,
    AbsenceWithdrawn,
    ContactsChanged,
    EnrolmentChanged,
    SchoolChanged,
)
from attendance_runtime.settings import ServiceSettings
from attendance_testing.facts import an_enrolment
from notification_service.contacts.domain import Absence
from notification_service.contacts.use_cases import apply_absences, look_again, replan_schools
from notification_service.providers.provider import Provider, Providers
from notification_service.receipts.use_cases import apply_waiting
from notification_service.recipients.domain import Channel
from notification_service.schools.use_cases import apply_schools
from notification_service.sending.use_cases import Desk, reconcile, send_due
from notification_service.settings import NotificationSettings

MONDAY = date(2026, 9, 7)
"""A school day in British summer time: registers of 08:45 close at 08:15 UTC."""


def at(clock_time: str, day: date = MONDAY) -> datetime:
    """Return a moment of a day, given in UTC: `at("08:20")`."""
    return datetime.fromisoformat(f"{day}T{clock_time}+00:00")


MARKED = at("08:00")
CORRECTED = at("08:10")


@dataclass(frozen=True)
class Pupil:
    """A child at a school, with what absences are announced of them alone."""

    school_id: UUID
    enrolment_id: UUID = field(default_factory=uuid4)
    child_id: UUID = field(default_factory=uuid4)

    def absent(
        self,
        recorded_at: datetime = MARKED,
        *,
        session: Session = Session.AM,
        state: Literal["unexplained", "explained"] = "unexplained",
        day: date = MONDAY,
    ) -> AbsenceRecorded:
        """Announce an absence."""
        return AbsenceRecorded(**self._fields(recorded_at, session, day), state=state)

    def explained(
        self, recorded_at: datetime = CORRECTED, *, session: Session = Session.AM
    ) -> AbsenceExplained:
        """Announce that the absence got a reason."""
        return AbsenceExplained(**self._fields(recorded_at, session))

    def settled(
        self, recorded_at: datetime = CORRECTED, *, session: Session = Session.AM
    ) -> AbsenceSettled:
        """Announce that the office settled the absence by name."""
        return AbsenceSettled(**self._fields(recorded_at, session))

    def retracted(
        self, recorded_at: datetime = CORRECTED, *, session: Session = Session.AM
    ) -> AbsenceRetracted:
        """Announce that the mark was taken back."""
        return AbsenceRetracted(**self._fields(recorded_at, session))

    def withdrawn(
        self, recorded_at: datetime = CORRECTED, *, session: Session = Session.AM
    ) -> AbsenceWithdrawn:
        """Announce that the child was not absent after all."""
        return AbsenceWithdrawn(**self._fields(recorded_at, session))

    def enrolled(self) -> EnrolmentChanged:
        """Tell of the child on the school's roll."""
        return an_enrolment(self.school_id, enrolment_id=self.enrolment_id, child_id=self.child_id)

    def _fields(self, recorded_at: datetime, session: Session, day: date = MONDAY) -> Any:
        return {
            "school_id": self.school_id,
            "date": day,
            "session": session,
            "recorded_at": recorded_at,
            "enrolments": (self.enrolment_id,),
            "children": (self.child_id,),
        }


def carried_by(provider: Provider) -> Providers:
    """Let one provider carry every channel."""
    return Providers(dict.fromkeys(Channel, provider))


async def hear(desk: Desk, *absences: Absence) -> None:
    """Let the service take in a batch of absences, as its consumer would."""
    async with desk.database.transaction() as db:
        await apply_absences(db, absences, now=desk.clock.now())


async def hear_of(desk: Desk, *schools: SchoolChanged) -> None:
    """Let the service take in schools' settings, as its consumer would."""
    async with desk.database.transaction() as db:
        await apply_schools(db, schools, now=desk.clock.now())
        await replan_schools(db, schools, now=desk.clock.now())


async def states(desk: Desk, pupil: Pupil) -> list[str]:
    """Return how far each message about a pupil has come: `first sent`, `correction due`."""
    async with desk.database.transaction() as db:
        rows = await db.execute(
            text("""
                SELECT kind || ' ' || state FROM messages
                JOIN episodes ON episodes.id = episode_id
                WHERE enrolment_id = :enrolment ORDER BY messages.id
            """),
            {"enrolment": pupil.enrolment_id},
        )
        return list(rows.scalars())


async def announced(desk: Desk) -> list[str]:
    """Return the types of the events announced so far, in their order."""
    async with desk.database.transaction() as db:
        rows = await db.execute(text("SELECT type FROM outbox ORDER BY id"))
        return list(rows.scalars())


async def let_leases_end(desk: Desk) -> None:
    """Let the time pass in which senders hold messages."""
    async with desk.database.transaction() as db:
        await db.execute(
            text("UPDATE messages SET lease_until = clock_timestamp() - interval '1 second'")
        )


async def let_waits_end(desk: Desk) -> None:
    """Let the time pass until messages are tried again."""
    async with desk.database.transaction() as db:
        await db.execute(text("UPDATE messages SET retry_at = NULL"))


def own_settings(desk: Desk) -> dict[str, Any]:
    """Return what this service is told beside what all services are, for `client_for`."""
    return desk.settings.model_dump(
        include=NotificationSettings.model_fields.keys() - ServiceSettings.model_fields.keys()
    )


async def recover(desk: Desk) -> None:
    """Let another sender come and find what was left."""
    await let_leases_end(desk)
    await reconcile(desk)
    await let_waits_end(desk)
    await send_due(desk)


async def receive(desk: Desk, status: str) -> None:
    """Let the provider say this of every message that it has accepted and not spoken of yet."""
    async with desk.database.transaction() as db:
        await db.execute(
            text("""
                INSERT INTO receipts (reference, notify_id, status)
                SELECT reference, notify_id, :status FROM messages WHERE state = 'sent'
            """),
            {"status": status},
        )
    async with desk.database.transaction() as db:
        await apply_waiting(db, now=desk.clock.now())


async def hear_of_contacts(desk: Desk, pupil: Pupil) -> None:
    """Let the service hear that somebody in a pupil's family may be reached anew."""
    event = ContactsChanged(
        school_id=pupil.school_id, recorded_at=desk.clock.now(), enrolments=(pupil.enrolment_id,)
    )
    async with desk.database.transaction() as db:
        await look_again(db, [event], now=desk.clock.now())
