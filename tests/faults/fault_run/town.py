"""A town small enough to be broken sixty times in twenty minutes, loaded as any authority is.

Three schools of two classes, whose pupils' days make stories; one large school that sends its
register whole and has children on the brink of a threshold; one that forgets its registers. Every
family has an address of its own, so that each message has one child's absence behind it.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from string import ascii_uppercase
from typing import Any, Final
from uuid import UUID

from attendance_contracts.calendar import LONDON, Session
from attendance_contracts.identifiers import make_upn
from attendance_testing.bodies import a_contact, roll_line, school_settings, school_year
from attendance_testing.platform import Platform

AUTHORITY: Final = "authority-332"
AUTHORITY_SCOPES: Final = (
    "school.write school.read care.write register.read child.read case.read case.write"
)
STAFF_SCOPES: Final = (
    "calendar.write roll.write roll.read register.write register.read mark.amend child.read "
    "case.read case.write contact.read"
)
CLASSES: Final = ("1A", "1B")
CLASS_SIZE: Final = 12
SPARE_CLASS: Final = "1C"
"""A class that the load leaves alone: faults of clients are tried on it."""
TRUANTS: Final = 140
UNEXCUSED: Final = 20
"""So many sessions of unauthorised absence meet the threshold of Dudley's ladder."""
FIRST_DAY: Final = date(2026, 9, 1)
STARTS_AT: Final = {Session.AM: time(8, 45), Session.PM: time(13, 0)}
OPEN_MINUTES: Final = 30
CONTACT_GRACE_MINUTES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """A pupil, as their school's system and the platform name them; `place` counts in a class."""

    number: int
    place: int
    class_code: str
    mis_id: str
    forename: str
    address: str
    enrolment_id: UUID


@dataclass(slots=True, kw_only=True)
class School:
    """A school, as its office knows it."""

    urn: str
    name: str
    sends_whole: bool = False
    pupils: list[Pupil] = field(default_factory=list)

    @property
    def office(self) -> str:
        """The client of its office and its MIS."""
        return f"office-{self.urn}"

    def of_class(self, class_code: str) -> list[Pupil]:
        """Return a class, in the order of its places."""
        return [pupil for pupil in self.pupils if pupil.class_code == class_code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Every school of the town, by what it is there for."""

    taught: Sequence[School]
    truants: School
    forgetful: School

    @property
    def schools(self) -> list[School]:
        """All of them."""
        return [*self.taught, self.truants, self.forgetful]

    @property
    def pupils(self) -> list[Pupil]:
        """All pupils of all schools."""
        return [pupil for school in self.schools for pupil in school.pupils]


async def build_town(platform: Platform) -> Town:
    """Load a town through the routes that a council and its schools use."""
    await platform.add_client(
        AUTHORITY, sub=AUTHORITY, org="authority:332", scopes=AUTHORITY_SCOPES
    )
    # Another town on the same platform keeps its own numbers.
    first = 920_000 + secrets.randbelow(69_000)
    builder = _Builder(platform, first)
    taught = [
        await builder.school(number, [*CLASSES, SPARE_CLASS], whole=number == 2)
        for number in range(3)
    ]
    truants = await builder.school(3, ["T"] * (TRUANTS // CLASS_SIZE), whole=True)
    return Town(taught=taught, truants=truants, forgetful=await builder.school(4, ["F"]))


@dataclass(frozen=True, slots=True)
class _Builder:
    platform: Platform
    first: int

    async def school(self, number: int, classes: Iterable[str], *, whole: bool = False) -> School:
        """Load a school: its settings, its year, and twelve pupils for each class named."""
        urn = str(self.first + number)
        school = School(urn=urn, name=f"Example School {urn}", sends_whole=whole)
        await self.platform.add_client(
            school.office, sub=school.office, org=f"school:{urn}", scopes=STAFF_SCOPES
        )
        call, path = self.platform.call, f"/v1/schools/{urn}"
        await self.platform.give_schools([urn], "332")
        await call(AUTHORITY, "PUT", "register", path, json=_settings(school))
        year = school_year(FIRST_DAY)
        await call(school.office, "PUT", "register", f"{path}/calendars/2026", json=year)
        lines = [
            _line(self.first, number, place, code)
            for place, code in enumerate(code for code in classes for _ in range(CLASS_SIZE))
        ]
        answer = await call(school.office, "POST", "register", f"{path}/roll", json=lines)
        school.pupils += [
            _pupil(place, line, UUID(enrolled["enrolment_id"]))
            for place, (line, enrolled) in enumerate(zip(lines, answer.json(), strict=True))
        ]
        return school


def school_days(after: date) -> Iterable[date]:
    """Yield the schools' days after a day: this town knows no holidays."""
    day = after
    while True:
        day += timedelta(days=1)
        if day.weekday() < 5:
            yield day


def at(day: date, local: time) -> datetime:
    """Return a local time of a day."""
    return datetime.combine(day, local, LONDON)


def present(session: Session) -> str:
    """Return the code of a child who is there."""
    return "/" if session is Session.AM else "\\"


def _settings(school: School) -> dict[str, Any]:
    return school_settings(
        school.urn,
        name=school.name,
        am_starts_at=f"{STARTS_AT[Session.AM]:%H:%M}",
        pm_starts_at=f"{STARTS_AT[Session.PM]:%H:%M}",
        register_open_minutes=OPEN_MINUTES,
        contact_grace_minutes=CONTACT_GRACE_MINUTES,
    )


def _line(first: int, school: int, place: int, class_code: str) -> dict[str, Any]:
    """Return a line of a school's roll; every third pupil and the next but two are siblings."""
    family = place - 3 if place % 6 >= 3 else place
    contact = a_contact(
        name=f"Parent {ascii_uppercase[family % 26]}",
        email=f"family-{first}-{school}-{family}@example.org",
    )
    return roll_line(
        upn=make_upn(332, 1000 + first % 9000, 2000 + school, place),
        mis_id=str(place),
        forename=f"Pupil {ascii_uppercase[place % 26]}",
        class_code=class_code,
        starts_on=str(FIRST_DAY),
        contacts=[contact],
    )


_numbers = iter(range(10**9))


def _pupil(place: int, line: dict[str, Any], enrolment_id: UUID) -> Pupil:
    return Pupil(
        number=next(_numbers),
        place=place % CLASS_SIZE,
        class_code=line["class_code"],
        mis_id=line["mis_id"],
        forename=line["forename"],
        address=line["contacts"][0]["email"],
        enrolment_id=enrolment_id,
    )
