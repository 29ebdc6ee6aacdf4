"""A school day under load: a calm morning, and an afternoon during which something breaks.

Each class has a child for each story; who it is moves on by one every day.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from itertools import cycle
from typing import Final

from attendance_contracts.calendar import Session
from fault_run.client import Client
from fault_run.ledger import Cell, Ledger
from fault_run.town import CLASS_SIZE, CLASSES, Pupil, School, Town, present

MORNING_OPENS: Final = time(8, 50)
MORNING_CONTACT: Final = time(9, 21)
AFTERNOON_OPENS: Final = time(13, 10)
AFTERNOON_CONTACT: Final = time(13, 34, 59)
"""A second before it is due, which passes by itself."""
_THAT_SECOND: Final = 1.2

# The stories, by the places in a class (moved on each day) of the children they are about.
PUT_RIGHT_BY_MIS, PUT_RIGHT_BY_OFFICE, AWAY_ALL_DAY = 0, 1, 2
AWAY, ARRIVES_LATE, EXCUSED_IN_TIME, AWAY_TOO, EXCUSED_TOO_LATE = 3, 4, 5, 6, 7
RESTLESS: Final = (8, 9, 10, 11)
"""Children whose morning mark is corrected again and again, to and fro, with nobody to be told."""
_MORNING_N: Final = frozenset({PUT_RIGHT_BY_MIS, PUT_RIGHT_BY_OFFICE, AWAY_ALL_DAY})
_AFTERNOON_N: Final = frozenset(
    {AWAY_ALL_DAY, AWAY, ARRIVES_LATE, EXCUSED_IN_TIME, AWAY_TOO, EXCUSED_TOO_LATE}
)
_TO_AND_FRO: Final = ("L", "I", "M", "/", "C", "V")
_PAUSE_SECONDS: Final = 0.25
_READ_SECONDS: Final = 0.4

SetClock = Callable[[time], None]


@dataclass
class SchoolDay:
    """One day of the town's.

    Attributes:
        number: how many days were played before; stories and truants move on with it.
        opens_contact: sets the platform's clock to the moment at which contact has become due.
        contact_is_due: set when the afternoon's will have in a second.
        over: set when the fault has ended; restless children come to rest.
    """

    town: Town
    client: Client
    ledger: Ledger
    day: date
    number: int
    set_clock: SetClock
    contact_is_due: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _locks: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)

    async def morning(self) -> None:
        """Take every register of the morning."""
        self.set_clock(MORNING_OPENS)
        await asyncio.gather(
            *(self._taught(school, Session.AM, _MORNING_N) for school in self.town.taught),
            self._all(self.town.truants, Session.AM, {}),
            self._all(self.town.forgetful, Session.AM, {}),
        )

    async def afternoon(self, chance: random.Random) -> None:
        """Play the afternoon; it goes on until the fault is over."""
        self.set_clock(AFTERNOON_OPENS)
        async with asyncio.TaskGroup() as group:
            for school, class_code in self._classes():
                group.create_task(self._restless(school, class_code, chance))
            group.create_task(self._readers(chance))
            await self._afternoon_registers()
            await self._before_contact()
            self.set_clock(AFTERNOON_CONTACT)
            self.contact_is_due.set()
            await asyncio.sleep(_THAT_SECOND)
            await self._after_contact()

    async def _afternoon_registers(self) -> None:
        truant = self._truants()[0]
        await asyncio.gather(
            *(self._taught(school, Session.PM, _AFTERNOON_N) for school in self.town.taught),
            self._all(self.town.truants, Session.PM, {truant: "O"}),
        )

    async def _before_contact(self) -> None:
        """Late arrivals and reasons that come in time; and mornings put right after the texts."""
        works = []
        for school, class_code in self._classes():
            who = self._children(school, class_code)
            works += [
                self._change(school, class_code, Session.PM, {who[ARRIVES_LATE]: "L"}),
                self._change(school, class_code, Session.AM, {who[PUT_RIGHT_BY_MIS]: "I"}),
                self._amend(school, who[EXCUSED_IN_TIME], Session.PM, "I"),
                self._amend(school, who[PUT_RIGHT_BY_OFFICE], Session.AM, "M"),
            ]
        await asyncio.gather(*works, self._excuse_truant())

    async def _after_contact(self) -> None:
        await asyncio.gather(
            *(
                self._change(school, class_code, Session.PM, {who[EXCUSED_TOO_LATE]: "I"})
                for school, class_code in self._classes()
                for who in (self._children(school, class_code),)
            )
        )

    async def _restless(self, school: School, class_code: str, chance: random.Random) -> None:
        """Correct the same children's marks to and fro for as long as the fault lasts."""
        who = self._children(school, class_code)
        while not self.over.is_set():
            codes = {who[place]: chance.choice(_TO_AND_FRO) for place in RESTLESS}
            await self._change(school, class_code, Session.AM, codes)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _readers(self, chance: random.Random) -> None:
        """Read from every service, as people do meanwhile; the client looks at the answers."""
        school = chance.choice(self.town.taught)
        path = f"/v1/schools/{school.urn}"
        pages = cycle(
            (
                ("register", f"{path}/registers/{self.day}/AM"),
                ("reporting", f"{path}/today"),
                ("escalation", f"{path}/cases"),
                ("notification", f"{path}/contacts?date={self.day}"),
            )
        )
        while not self.over.is_set():
            service, page = next(pages)
            await self.client.once(school.office, "GET", service, path=page)
            await asyncio.sleep(_READ_SECONDS)

    async def _taught(self, school: School, session: Session, missed: frozenset[int]) -> None:
        """Take a school's register, whole or class by class, with N in some children's places."""
        absent = {
            self._children(school, class_code)[place]: "N"
            for class_code in CLASSES
            for place in missed
        }
        if school.sends_whole:
            await self._all(school, session, absent)
            return
        for class_code in CLASSES:
            pupils = school.of_class(class_code)
            codes = {pupil: absent.get(pupil, present(session)) for pupil in pupils}
            await self._change(school, class_code, session, codes)

    async def _all(self, school: School, session: Session, absent: Mapping[Pupil, str]) -> None:
        codes = {pupil: absent.get(pupil, present(session)) for pupil in school.pupils}
        await self._change(school, "", session, codes)

    async def _change(
        self, school: School, class_code: str, session: Session, codes: Mapping[Pupil, str]
    ) -> None:
        """Send a register again as it was sent last, but for some marks; one sender at a time."""
        if school.sends_whole:
            class_code = ""
        pupils = school.of_class(class_code) if class_code else school.pupils
        async with self._locks.setdefault((school.urn, session.value), asyncio.Lock()):
            cells = [Cell(pupil, self.day, session) for pupil in pupils]
            whole = {
                cell: code
                for cell in cells
                if (code := codes.get(cell.pupil) or self.ledger.sent(cell))
            }
            await self.client.push(school, whole, class_code=class_code)

    async def _amend(self, school: School, pupil: Pupil, session: Session, code: str) -> None:
        await self.client.amend(school, Cell(pupil, self.day, session), code)

    async def _excuse_truant(self) -> None:
        """Excuse the last missed session of a child with a case: its threshold is met no more."""
        pupil = self._truants()[1]
        missed = [
            cell
            for cell, mark in self.ledger.marks.items()
            if cell.pupil is pupil and mark.code == "O"
        ]
        await self.client.amend(self.town.truants, missed[-1], "I")

    def _truants(self) -> tuple[Pupil, Pupil]:
        """Return today's child on the brink of the threshold, and today's just past it."""
        pupils = self.town.truants.pupils
        half = len(pupils) // 2
        at_ = self.number % half
        return pupils[at_], pupils[half + at_]

    def _classes(self) -> list[tuple[School, str]]:
        return [(school, class_code) for school in self.town.taught for class_code in CLASSES]

    def _children(self, school: School, class_code: str) -> list[Pupil]:
        """Return a class by today's stories."""
        pupils = school.of_class(class_code)
        ahead = self.number % CLASS_SIZE
        return pupils[ahead:] + pupils[:ahead]
