"""What this service's tests are built from: a school that tells its facts as events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Final
from uuid import UUID

import uuid_utils.compat

from attendance_contracts.calendar import Session, register_closes_at, school_year, slot
from attendance_contracts.counting import SchoolHours
from attendance_contracts.events import (
    CalendarChanged,
    CareChanged,
    EnrolmentChanged,
    RegisterMissing,
    RegisterRecorded,
    SchoolChanged,
)
from attendance_runtime.database import SqlSession
from attendance_testing.facts import a_school, allocated, an_enrolment
from reporting_service.consumer import ROUTES
from reporting_service.schools.domain import School

AM_STARTS: Final = time(8, 50)
PM_STARTS: Final = time(13, 0)
OPEN_MINUTES: Final = 30
HOURS: Final = SchoolHours(AM_STARTS, PM_STARTS)
ALL_YEAR: Final = tuple(range(2 * 365))

_URNS = count(100001)


def new_id() -> UUID:
    """Return a new id, ordered by time as the register's are."""
    return uuid_utils.compat.uuid7()


@dataclass
class ASchool:
    """A school that tells its facts as events, each newer than the one before."""

    urn: str = field(default_factory=lambda: str(next(_URNS)))
    id: UUID = field(default_factory=new_id)
    authority_code: str = "332"
    version: int = 0

    def _next(self) -> int:
        self.version += 1
        return self.version

    def changed(
        self, *, hours_per_day: float = 6.5, name: str = "Heron Way", hours: SchoolHours = HOURS
    ) -> SchoolChanged:
        """Tell the school's settings."""
        return a_school(
            school_id=self.id,
            urn=self.urn,
            name=name,
            authority_code=self.authority_code,
            am_starts_at=hours.am_starts_at,
            pm_starts_at=hours.pm_starts_at,
            register_open_minutes=OPEN_MINUTES,
            hours_per_day=hours_per_day,
            attendance_lead="lead-1",
            version=self._next(),
        )

    def opens(self, *school_years: int) -> list[object]:
        """Tell the settings, and that every day of these school years is one of school."""
        return [
            self.changed(),
            *(
                CalendarChanged(
                    school_id=self.id, school_year=year, slots=ALL_YEAR, version=self._next()
                )
                for year in school_years or (2025, 2026)
            ),
        ]

    def meets(self, *days: date, halves: tuple[Session, ...] = tuple(Session)) -> CalendarChanged:
        """Tell the sessions of a school year: both of each day, or only some halves."""
        return CalendarChanged(
            school_id=self.id,
            school_year=school_year(days[0]),
            slots=tuple(slot(day, half) for day in days for half in halves),
            version=self._next(),
        )

    def enrols(
        self,
        child_id: UUID | None = None,
        *,
        enrolment_id: UUID | None = None,
        starts_on: date = date(2025, 9, 1),
        ends_on: date | None = None,
        class_code: str = "5A",
    ) -> EnrolmentChanged:
        """Tell of a child's place here."""
        return an_enrolment(
            self.id,
            enrolment_id=enrolment_id or new_id(),
            child_id=child_id or new_id(),
            starts_on=starts_on,
            ends_on=ends_on,
            year_group="Y5",
            class_code=class_code,
            version=self._next(),
        )

    def takes(
        self,
        day: date,
        half: Session,
        marks: Mapping[UUID, str] | Mapping[UUID, str | None],
        *,
        at: datetime | None = None,
    ) -> RegisterRecorded:
        """Tell a register's marks, None for one that was taken back.

        15 minutes after the session's start, unless said otherwise.
        """
        starts = AM_STARTS if half is Session.AM else PM_STARTS
        return RegisterRecorded(
            school_id=self.id,
            date=day,
            session=half,
            recorded_at=at or register_closes_at(day, starts, 15),
            enrolments=tuple(marks),
            codes=tuple(marks.values()),
            previous=None,
            minutes_late=None,
            begins_at=HOURS.begins_at(day, half),
        )

    def misses(self, day: date, half: Session, *, at: datetime | None = None) -> RegisterMissing:
        """Tell that a register is missing; at closing plus grace, unless said otherwise."""
        starts = AM_STARTS if half is Session.AM else PM_STARTS
        return RegisterMissing(
            school_id=self.id,
            date=day,
            session=half,
            recorded_at=at or register_closes_at(day, starts, OPEN_MINUTES + 5),
        )

    def settings(self, *, hours_per_day: str = "6.5") -> School:
        """Return the settings as views know them."""
        return School(
            id=self.id,
            urn=self.urn,
            name="Heron Way",
            am_starts_at=AM_STARTS,
            pm_starts_at=PM_STARTS,
            register_open_minutes=OPEN_MINUTES,
            hours_per_day=Decimal(hours_per_day),
            attendance_lead="lead-1",
            fresh_at=None,
        )


def in_care_of(
    worker: str, child_id: UUID, *, until: date | None = None, version: int = 1
) -> CareChanged:
    """Tell that a worker is allocated to a child, for good or until a day."""
    return allocated(child_id, worker, team="north", valid_to=until, version=version)


async def tell(db: SqlSession, *events: object, now: datetime) -> None:
    """Apply events as the consumer does with a batch: route by route, in the table's order."""
    for route in ROUTES:
        batch = [event for event in events if isinstance(event, route.events)]
        if batch:
            await route.use_case(db, batch, now=now)
