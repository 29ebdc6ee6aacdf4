"""What happens on a school day under test: registers, and the corrections to them.

Each day has a school of its own. In each of its classes one child is missing and then arrives, one
is present and then found missing, and one is ill. A fourth is missing, whose first contact the
provider refuses: the turn passes on to the second.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from string import ascii_uppercase
from typing import Any, Final
from uuid import UUID

from attendance_contracts.calendar import LONDON
from attendance_contracts.identifiers import make_upn
from attendance_testing.bodies import a_contact, roll_line, school_settings, school_year
from attendance_testing.platform import Platform

DAY: Final = date(2026, 9, 7)
HALF_PAST_NINE: Final = datetime.fromisoformat(f"{DAY}T09:30:00").replace(tzinfo=LONDON)
AUTHORITY: Final = "crash-authority"
OFFICE_SCOPES: Final = "calendar.write roll.write register.write"
CLASSES: Final = ("1A", "1B", "1C")


@dataclass(frozen=True, slots=True)
class Story:
    """What a register says of a child at first and after its correction, and what follows.

    Attributes:
        told: the messages their family gets, in order.
        decisions: thresholds met or withdrawn; each that is met opens one case.
        refused: whether the provider refuses the first contact's address.
    """

    codes: tuple[str, str]
    told: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    refused: bool = False

    @property
    def corrected(self) -> bool:
        """Whether the second register says something else."""
        return self.codes[0] != self.codes[1]


STORIES: Final = (
    Story(("N", "/"), ("first-contact", "correction"), ("met", "withdrawn")),
    Story(("/", "N"), ("first-contact",), ("met",)),
    Story(("I", "I")),
    Story(("N", "N"), ("first-contact",), ("met",), refused=True),
)


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the day: their enrolment, their family's address and their story."""

    enrolment_id: UUID
    address: str
    story: Story


@dataclass
class SchoolDay:
    """A school's day; `settled` waits until everything that was said has had its effect."""

    platform: Platform
    urn: str
    settled: Callable[[], Awaitable[None]]
    children: list[Child] = field(default_factory=list)

    @property
    def _office(self) -> str:
        return f"crash-office-{self.urn}"

    async def happen(self) -> None:
        """Let the day happen, sending again whatever is not answered."""
        await self._open_school()
        await self.settled()
        for step in (0, 1):
            await asyncio.gather(*(self._send(place, step) for place in range(len(CLASSES))))
            await self.settled()

    async def _open_school(self) -> None:
        platform, path = self.platform, f"/v1/schools/{self.urn}"
        await platform.add_client(
            self._office, sub=self._office, org=f"school:{self.urn}", scopes=OFFICE_SCOPES
        )
        await platform.give_schools([self.urn], "332")
        await platform.call(AUTHORITY, "PUT", "register", path, json=school_settings(self.urn))
        year = school_year()
        await platform.call(self._office, "PUT", "register", f"{path}/calendars/2026", json=year)
        lines = [
            _pupil(self.urn, place, story)
            for place in range(len(CLASSES))
            for story in range(len(STORIES))
        ]
        rolled = await platform.call(self._office, "POST", "register", f"{path}/roll", json=lines)
        self.children = [
            Child(
                UUID(answer["enrolment_id"]),
                line["contacts"][-1]["email"],
                STORIES[number % len(STORIES)],
            )
            for number, (line, answer) in enumerate(zip(lines, rolled.json(), strict=True))
        ]

    async def _send(self, place: int, step: int) -> None:
        path = f"/v1/schools/{self.urn}/classes/{CLASSES[place]}/registers/{DAY}/AM"
        marks = [
            {"mis_id": _mis_id(place, number), "code": story.codes[step]}
            for number, story in enumerate(STORIES)
        ]
        await self.platform.call(self._office, "PUT", "register", path, json={"marks": marks})


async def prepare(platform: Platform) -> None:
    """Set the clock to half past nine of the day, and make the authority known."""
    await platform.set_clock(HALF_PAST_NINE)
    await platform.add_client(AUTHORITY, sub=AUTHORITY, org="authority:332", scopes="school.write")


def _mis_id(place: int, story: int) -> str:
    return str(place * len(STORIES) + story)


def _pupil(urn: str, place: int, story: int) -> dict[str, Any]:
    mis_id = _mis_id(place, story)
    addresses = [f"parent-{mis_id}-{urn}@example.org"]
    if STORIES[story].refused:
        addresses.insert(0, f"two..dots-{mis_id}-{urn}@example.org")
    return roll_line(
        upn=make_upn(332, int(urn[-4:]), 2020, int(mis_id)),
        mis_id=mis_id,
        forename=f"Pupil {ascii_uppercase[int(mis_id) % 26]}",
        class_code=CLASSES[place],
        contacts=[
            a_contact(key=str(priority), priority=priority, email=email)
            for priority, email in enumerate(addresses, start=1)
        ],
    )
