"""Who may be told at this very moment, as register-service answers.

Names, numbers and addresses live in these values alone, in memory, from the register's answer to
the hand-over.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias
from uuid import UUID

from attendance_contracts.calendar import LONDON, Session, in_utc, london_date

State: TypeAlias = Literal["unexplained", "explained", "settled", "retracted", "withdrawn"]
EnrolmentDay: TypeAlias = tuple[UUID, date]
Question: TypeAlias = tuple[UUID, date, str]
"""An enrolment, a day, and what somebody is to be told for: `first-contact`, for instance."""


class Channel(StrEnum):
    """How somebody is reached."""

    SMS = "sms"
    EMAIL = "email"


def fingerprint(address: str, key: bytes) -> UUID:
    """Return what a number or address is known again by; without the key nobody can find it out.

    Each has one spelling: a number its E.164, an address its small letters.
    """
    digest = hashlib.blake2b(address.casefold().encode(), key=key, digest_size=16)
    return UUID(bytes=digest.digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person who may be told now. Lives in memory alone, and never in a log.

    `mobile` is a number that can be texted, in E.164.
    """

    contact_id: UUID
    mobile: str | None = field(repr=False)
    email: str | None = field(repr=False)
    priority: int

    @property
    def ways(self) -> Sequence[tuple[Channel, str]]:
        """How this person may be reached, first choice first: a text is seen at once."""
        ways = ((Channel.SMS, self.mobile), (Channel.EMAIL, self.email))
        return [(channel, address) for channel, address in ways if address]


@dataclass(frozen=True, slots=True)
class CorrectionHours:
    """When a correction of a day may go: a school's wall clock, and how late it may still be.

    Attributes:
        quiet_from, quiet_until: over night nobody is disturbed.
        last_day: the next school day, on which at the latest; None where none is known.
    """

    quiet_from: time
    quiet_until: time
    last_day: date | None

    def may_go_at(self, now: datetime) -> datetime | None:
        """Return when a correction goes that is ready now: now, in the morning, or (None) never."""
        today, wall_clock = london_date(now), now.astimezone(LONDON).time()
        if self.quiet_until <= wall_clock < self.quiet_from:
            at = now
        else:
            is_evening = wall_clock >= self.quiet_from
            at = in_utc(today + timedelta(days=is_evening), self.quiet_until)
        return at if self.last_day is None or london_date(at) <= self.last_day else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the register says of one enrolment's day at the moment of sending.

    Attributes:
        missed: the sessions, begun by now, in which nobody knows where the child is.
        stands: what it says of each session of the day that has had a mark.
        hours: when a correction may go.
    """

    child_name: str = field(repr=False)
    school_name: str
    missed: tuple[Session, ...]
    stands: Mapping[Session, State]
    hours: CorrectionHours
    recipients: Sequence[Recipient]
