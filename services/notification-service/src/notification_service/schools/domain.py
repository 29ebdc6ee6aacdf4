"""A school's hours: from when a family may be contacted about a session."""

from dataclasses import dataclass
from datetime import date, datetime, time

from attendance_contracts.calendar import Session, contact_due_at


@dataclass(frozen=True, slots=True)
class Hours:
    """A school's settings that decide when contact is due; times are its wall clock's."""

    am_starts_at: time
    pm_starts_at: time
    register_open_minutes: int
    contact_grace_minutes: int

    def contact_from(self, day: date, session: Session) -> datetime:
        """Return from when contact about a session is due: closing plus grace, in UTC."""
        starts_at = self.am_starts_at if session is Session.AM else self.pm_starts_at
        return contact_due_at(
            day,
            starts_at,
            open_minutes=self.register_open_minutes,
            grace_minutes=self.contact_grace_minutes,
        )
