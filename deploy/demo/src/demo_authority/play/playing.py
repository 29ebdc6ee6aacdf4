"""Plays the timeline on the driven clock: each school sends what it has at its own time."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import httpx

from attendance_contracts.calendar import LONDON
from attendance_testing.platform import Platform, Refused
from demo_authority.authority.model import Amendment, Enrolment, Event, EventKind
from demo_authority.play.journal import Journal
from demo_authority.play.loading import Loaded, put_register
from demo_authority.play.marksheet import Marksheet
from demo_authority.play.pace import Stretch
from demo_authority.play.participants import school_client

_LOOK_AGAIN_SECONDS: Final = 0.1
_TRIES: Final = 4
_HOLD: Final = 1.0
"""At this rate hardly any domain time passes."""
_STALE: Final = {httpx.codes.PRECONDITION_FAILED, httpx.codes.PRECONDITION_REQUIRED}

Settle = Callable[[], Awaitable[None]]
"""Waits until the platform has dealt with everything sent so far."""


@dataclass
class Counters:
    """What has happened so far, for whoever watches."""

    events: int = 0
    registers: int = 0
    marks: int = 0
    late_arrivals: int = 0
    corrections: int = 0
    resent: int = 0
    retries: int = 0
    at: datetime | None = None

    def count(self, event: Event) -> None:
        """Count an event that was accepted."""
        self.events += 1
        if isinstance(event.payload, Amendment):
            self.late_arrivals += event.kind is EventKind.LATE_ARRIVAL
            self.corrections += event.kind is EventKind.CORRECTION
            return
        self.registers += 1
        self.marks += len(event.payload.enrolments)
        self.resent += event.kind is EventKind.RESENT_REGISTER


@dataclass
class Player:
    """Plays the days of an authority's enrolments into a platform and keeps the journal."""

    platform: Platform
    enrolments: Sequence[Enrolment]
    loaded: Loaded
    settle: Settle
    journal: Journal = field(default_factory=Journal)
    sheet: Marksheet = field(default_factory=Marksheet)
    counters: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        self._mis_ids = {one.key: one.mis_id for one in self.enrolments}
        self._etags: dict[tuple[int, str], str] = {}

    async def play(self, stretches: Iterable[Stretch]) -> None:
        """Play stretches of time in order; the clock jumps over what lies between."""
        for stretch in stretches:
            await self._play_stretch(stretch)
            if stretch.rest:
                await self._rest()

    def _go_on(self, rate: float) -> None:
        """Let domain time pass at another rate from now on."""
        self.platform.set_rate(rate)
        self.journal.clock_set(self.platform.clock.now(), rate)

    async def _rest(self) -> None:
        """Let the platform deal with everything so far, while hardly any domain time passes."""
        self._go_on(_HOLD)
        began = time.time()
        await self.settle()
        self.journal.rests.append(began)

    async def _play_stretch(self, stretch: Stretch) -> None:
        if stretch.start > self.platform.clock.now():
            await self.platform.set_clock(stretch.start, rate=_HOLD)
        self._go_on(stretch.rate)
        queues: dict[str, list[Event]] = defaultdict(list)
        for event in stretch.events:
            queues[event.school_urn].append(event)
        async with asyncio.TaskGroup() as schools:
            for queue in queues.values():
                schools.create_task(self._play_school(queue, stretch.rate))
            await self._until(stretch.end, stretch.rate)
            self._go_on(_HOLD)  # for schools that are behind

    async def _play_school(self, queue: Sequence[Event], rate: float) -> None:
        """Send a school's events one after the other, none before its time."""
        for event in queue:
            await self._until(event.at, rate)
            await self._send(event)

    async def _until(self, moment: datetime, rate: float) -> None:
        """Wait until domain time has reached a moment."""
        while (ahead := moment - self.platform.clock.now()) > timedelta():
            await asyncio.sleep(min(ahead.total_seconds() / rate, _LOOK_AGAIN_SECONDS))
            self.counters.at = self.platform.clock.now().astimezone(LONDON)

    async def _send(self, event: Event) -> None:
        earliest = time.time()
        if isinstance(event.payload, Amendment):
            await self._amend(event, event.payload)
            news = self.sheet.apply(event)
        else:
            answer = await put_register(self.platform, event.payload, self._mis_ids)
            news = self.sheet.apply(event)
            if answer.new + answer.changed != len(news):
                self.journal.faults.append(
                    f"A {event.kind} of {event.day} {event.session} should have changed "
                    f"{len(news)} marks; the answer says {answer.new + answer.changed}."
                )
        self.journal.accepted(news, earliest, time.time())
        self.counters.count(event)

    async def _amend(self, event: Event, amendment: Amendment) -> None:
        """Change one mark; when somebody was faster, read it again and try once more."""
        enrolment_id = self.loaded.enrolments[amendment.enrolment]
        path = f"/v1/schools/{event.school_urn}/marks/{enrolment_id}/{event.day}/{event.session}"
        office = school_client(event.school_urn)
        etag = '"r1"'
        for _ in range(_TRIES):
            answer = await self.platform.send(
                office,
                "PATCH",
                "register",
                path,
                headers={"If-Match": etag},
                json={
                    "code": amendment.code,
                    "reason": amendment.reason,
                    "amender_name": amendment.amended_by,
                    "amender_title": amendment.title,
                },
            )
            if answer.status_code not in _STALE:
                break
            self.counters.retries += 1
            history = await self.platform.call(office, "GET", "register", f"{path}/history")
            etag = history.headers["ETag"]
        if not answer.is_success:
            raise Refused(answer)
