"""What a sender works with, and how long it may."""

import time
from dataclasses import dataclass

from attendance_runtime.clock import Clock
from attendance_runtime.database import Database
from notification_service.providers.provider import Providers
from notification_service.recipients.repository import RegisterClient
from notification_service.settings import NotificationSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Time, the database, whom to ask and whom to hand over to."""

    settings: NotificationSettings
    clock: Clock
    database: Database
    register: RegisterClient
    providers: Providers

    @property
    def give_up_after_seconds(self) -> float:
        """How long somebody else's absence is borne, in real seconds."""
        return self.settings.give_up_after_hours * 3600


@dataclass(frozen=True, slots=True)
class Lease:
    """How long a batch is in this sender's hand, on the machine's own clock.

    Taken before the claim is made, so it ends here before it ends in the database.
    """

    ends_at: float

    @classmethod
    def of(cls, seconds: float) -> "Lease":
        """Return a lease that begins now."""
        return cls(time.monotonic() + seconds)

    def lasts(self, seconds: float) -> bool:
        """Tell whether a call of this length would end before the lease does."""
        return time.monotonic() + seconds < self.ends_at
