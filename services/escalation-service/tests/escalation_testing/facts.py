"""What this service's tests are built from: a school, its diary of marks, the routing table."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

import httpx
from sqlalchemy import text
from uuid_utils.compat import uuid7

from attendance_contracts.calendar import SATURDAY, Session, school_year, slot
from attendance_contracts.counting import SchoolHours
from attendance_contracts.events import (
    CalendarChanged,
    EnrolmentChanged,
    RegisterRecorded,
    SchoolChanged,
)
from attendance_runtime.database import SqlSession
from attendance_runtime.messaging import codec
from attendance_testing.facts import a_school, allocated, an_enrolment
from attendance_testing.register import Mark
from attendance_testing.tokens import TokenIssuer
from escalation_service.consumer import routes_under
from escalation_service.policies.domain import Policies
from escalation_service.policies.repository import load_policies
from escalation_service.settings import SHIPPED_POLICIES

YEAR = 2026
NOW = dt.datetime(2026, 11, 20, 9, 31, tzinfo=dt.UTC)
DUDLEY = "332"
POLICIES = load_policies(SHIPPED_POLICIES)


HOURS = SchoolHours(dt.time(8, 50), dt.time(13, 10))

_URNS = count(100001)


def weekdays(first: dt.date, number: int) -> list[dt.date]:
    """The first so many weekdays from a day on, whatever the holidays."""
    days = (first + dt.timedelta(days=n) for n in range(number * 2 + 3))
    return [day for day in days if day.weekday() < SATURDAY][:number]


SCHOOL_DAYS = weekdays(dt.date(YEAR, 9, 1), 190)
"""A year without holidays: 190 weekdays from the first of September."""


def both_sessions(days: Sequence[dt.date]) -> tuple[tuple[dt.date, Session], ...]:
    """The mornings and afternoons of these days, in order."""
    return tuple((day, half) for day in days for half in Session)


@dataclass(kw_only=True)
class ASchool:
    """A school as events tell of it, with a diary: what its register says so far."""

    urn: str = field(default_factory=lambda: str(next(_URNS)))
    authority: str = DUDLEY
    lead: str | None = "lead-7"
    hours: SchoolHours = HOURS
    id: UUID = field(default_factory=uuid7)
    marks: dict[tuple[UUID, dt.date, Session], str] = field(default_factory=dict)

    def changed(self, version: int = 1) -> SchoolChanged:
        """Tell how the school stands."""
        return a_school(
            school_id=self.id,
            urn=self.urn,
            authority_code=self.authority,
            am_starts_at=self.hours.am_starts_at,
            pm_starts_at=self.hours.pm_starts_at,
            attendance_lead=self.lead,
            version=version,
        )

    def calendar(
        self, days: Sequence[dt.date] = SCHOOL_DAYS, *, version: int = 1
    ) -> CalendarChanged:
        """Tell on which days the school meets, morning and afternoon."""
        return CalendarChanged(
            school_id=self.id,
            school_year=school_year(days[0]) if days else YEAR,
            slots=tuple(slot(day, half) for day, half in both_sessions(days)),
            version=version,
        )

    def enrols(
        self,
        enrolment_id: UUID,
        child_id: UUID | None = None,
        *,
        ends_on: dt.date | None = None,
        version: int = 1,
    ) -> EnrolmentChanged:
        """Tell of a child on roll since the first of September."""
        return an_enrolment(
            self.id,
            enrolment_id=enrolment_id,
            child_id=child_id or enrolment_id,
            ends_on=ends_on,
            version=version,
        )

    def records(
        self, day: dt.date, half: Session, codes: Mapping[UUID, str], *, at: dt.datetime = NOW
    ) -> RegisterRecorded:
        """Enter codes into the diary and tell of them as the register service does."""
        before = [self.marks.get((child, day, half)) for child in codes]
        self.marks.update({(child, day, half): code for child, code in codes.items()})
        return RegisterRecorded(
            school_id=self.id,
            date=day,
            session=half,
            recorded_at=at,
            enrolments=tuple(codes),
            codes=tuple(codes.values()),
            previous=tuple(before) if any(before) else None,
            minutes_late=None,
            begins_at=self.hours.begins_at(day, half),
        )

    def absences(self, child: UUID, number: int, *, code: str = "O") -> list[RegisterRecorded]:
        """Record so many sessions with a code, from the first of the year on."""
        sessions = both_sessions(SCHOOL_DAYS)[:number]
        return [self.records(day, half, {child: code}) for day, half in sessions]

    def diary(self) -> list[Mark]:
        """What the register holds of this school, in order."""
        return [(*place, code) for place, code in sorted(self.marks.items())]


@dataclass(kw_only=True)
class AChild:
    """A child of a school with a social worker, whose marks have met the threshold."""

    school: ASchool = field(default_factory=ASchool)
    id: UUID = field(default_factory=uuid7)
    worker: str = field(default_factory=lambda: f"worker-{uuid7()}")

    def facts(self) -> list[object]:
        """Tell everything: the school, its calendar, the child on its roll, and twenty absences."""
        return [
            self.school.changed(),
            self.school.calendar(),
            self.school.enrols(self.id),
            allocated(self.id, self.worker),
            *self.school.absences(self.id, 20),
        ]


async def consume(
    db: SqlSession,
    events: Sequence[object],
    *,
    policies: Policies = POLICIES,
    now: dt.datetime = NOW,
) -> None:
    """Apply events as one batch, through the service's own routing table."""
    for route in routes_under(policies):
        given = [event for event in events if isinstance(event, route.events)]
        if given:
            await route.use_case(db, given, now=now)


async def announced(db: SqlSession, child: UUID) -> list[object]:
    """Every event about a child in the outbox, oldest first."""
    found = await db.execute(
        text("SELECT type, payload FROM outbox WHERE key = :child ORDER BY id"),
        {"child": str(child)},
    )
    return [codec.decode(row.type, row.payload) for row in found]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls the API with a token."""

    client: httpx.AsyncClient
    headers: Mapping[str, str]

    @classmethod
    def of(
        cls,
        client: httpx.AsyncClient,
        issuer: TokenIssuer,
        organisation: str,
        *,
        subject: str = "officer-1",
        scopes: str = "case.read case.write",
    ) -> "Caller":
        """Give somebody of an organisation a token."""
        headers = issuer.headers(subject=subject, organisation=organisation, scopes=scopes)
        return cls(client, headers)

    async def get(self, path: str) -> httpx.Response:
        """Read something."""
        return await self.client.get(path, headers=self.headers)

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Send something; `if_match` and `idempotency_key` become headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, json=body, headers={**self.headers, **named})
