"""One fault from beginning to end: a calm morning, the break, coming to rest, and every check."""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
from aiokafka.errors import KafkaError

from attendance_contracts.calendar import Session, london_date
from attendance_runtime.clock import write_driven_clock
from attendance_testing.platform import Platform
from demo_authority.play.draining import Drain, NotDrained
from fault_run import school_day
from fault_run.client import Client, NotKept
from fault_run.faults import Fault
from fault_run.findings import Findings
from fault_run.ledger import Cell, Ledger
from fault_run.marks import check_marks
from fault_run.messages import check_messages
from fault_run.published import Published
from fault_run.school_day import SchoolDay
from fault_run.stage import Stage, TooSlow, until
from fault_run.timers import check_missing
from fault_run.town import FIRST_DAY, UNEXCUSED, at, build_town, school_days

FAULT_SECONDS: Final = 90.0
"""The longest that a fault may last, whatever it does."""
REST_SECONDS: Final = 180.0
READY_SECONDS: Final = 120.0
_AWAY: Final = (
    httpx.HTTPError,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    KafkaError,
)
"""What looking at a part that is away ends with; a time-out is an `OSError`, too."""
_HISTORY_DAYS: Final = UNEXCUSED // 2
_MOMENT_SECONDS: Final = 1.2
"""A fault begins at some moment of the first so many seconds of the load."""


@dataclass
class Result:
    """What one fault came to.

    Attributes:
        recovered_s: seconds from the end of the fault until everything was accepted and at rest.
        ready_s: seconds until every process called itself ready again.
    """

    fault: Fault
    findings: Findings = field(default_factory=Findings)
    recovered_s: float | None = None
    ready_s: float | None = None
    answers: dict[str, int] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def line(self) -> dict[str, Any]:
        """Return what `build/faults.json` says of it."""
        return {
            "fault": self.fault.name,
            "part": self.fault.what,
            "runs": 1,
            "lost": self.findings.lost,
            "repeated": self.findings.repeated,
            "missing": self.findings.missing,
            "recovered_s": self.recovered_s,
            "ready_s": self.ready_s,
            "amiss": self.findings.amiss,
            "answers": self.answers,
            "compared": self.findings.compared,
            **({"notes": self.notes} if self.notes else {}),
        }


@dataclass
class Rounds:
    """Plays faults one after the other on one town."""

    stage: Stage
    published: Published
    days: Iterator[date]
    seed: int
    played: list[date] = field(default_factory=list)

    async def play(self, fault: Fault) -> Result:
        """Play a day with one fault in its afternoon, and check everything afterwards."""
        stage, result = self.stage, Result(fault)
        stage.amiss, stage.notes, stage.ended = [], {}, None
        stage.chance = self._chance(fault)
        copies = self.published.second_copies
        stage.client.amiss.clear()
        stage.client.answers.clear()
        try:
            await self._morning(fault)
            await self._afternoon(fault, result)
            await self._check(result.findings)
        except (NotDrained, NotKept, TooSlow, TimeoutError) as error:
            result.findings.say(f"{type(error).__name__}: {error}")
        except ExceptionGroup as errors:
            result.findings.say("; ".join(map(repr, errors.exceptions)))
        for sentence in chain(stage.amiss, stage.client.amiss):
            result.findings.say(sentence)
        if again := self.published.second_copies - copies:
            stage.notes["second copies published"] = again
        result.answers = dict(stage.client.answers)
        result.notes = stage.notes
        return result

    def _chance(self, fault: Fault, *of: str) -> random.Random:
        """Return the run's chances of one fault: the same whichever faults come before it."""
        words = " ".join([str(self.seed), fault.name, *of])
        return random.Random(words)  # noqa: S311 - a run that can be repeated, no secret

    async def _morning(self, fault: Fault) -> None:
        """Take the morning's registers in peace; every family that is owed a text has it."""
        stage = self.stage
        after = max(
            london_date(stage.now()), fault.day - timedelta(days=1) if fault.day else date.min
        )
        day = next(day for day in self.days if day > after)
        if fault.day and day != fault.day:
            raise TooSlow(f"The day that this fault needs, {fault.day}, has passed.")
        stage.day = SchoolDay(
            town=stage.town,
            client=stage.client,
            ledger=stage.ledger,
            day=day,
            number=len(self.played),
            set_clock=lambda local: stage.set_clock(at(day, local)),
        )
        self.played.append(day)
        await stage.day.morning()
        stage.set_clock(at(day, school_day.MORNING_CONTACT))
        await self.rest()

    async def _afternoon(self, fault: Fault, result: Result) -> None:
        """Break something while the afternoon is played, and measure how long it takes to mend."""
        stage = self.stage
        load = asyncio.create_task(stage.day.afternoon(self._chance(fault, "load")))
        await asyncio.sleep(stage.chance.uniform(0.0, _MOMENT_SECONDS))
        try:
            async with asyncio.timeout(FAULT_SECONDS):
                await fault.work(stage)
        except (*_AWAY, TooSlow, NotKept) as error:
            result.findings.say(f"The fault itself did not go well: {error!r}")
        ended = stage.ended or time.monotonic()
        await asyncio.wait({load}, timeout=stage.chance.uniform(0.5, 1.5))
        stage.day.over.set()
        await load  # each of its requests has a limit of its own
        await self.rest()
        result.recovered_s = round(time.monotonic() - ended, 1)

        async def all_ready() -> bool:
            return all((await stage.readiness()).values())

        await until(all_ready, within_seconds=READY_SECONDS)
        result.ready_s = round(time.monotonic() - ended, 1)

    async def rest(self) -> None:
        """Wait until nothing is under way; parts that are away are waited for."""
        give_up = time.monotonic() + REST_SECONDS
        while True:
            try:
                async with Drain(self.stage.platform) as drain:
                    await drain.wait(max(1.0, give_up - time.monotonic()))
                break
            except _AWAY as error:
                if time.monotonic() > give_up:
                    raise NotDrained(f"A part did not come back: {error!r}.") from error
                await asyncio.sleep(0.2)
        self.stage.ledger.journal.rests.append(time.time())

    async def _check(self, findings: Findings) -> None:
        await check_marks(self.stage, findings)
        await check_messages(self.stage, findings)
        await self.published.read_on(self.stage.platform, findings)
        await check_missing(self.stage, self.published, self.played, findings)


async def set_up(platform: Platform, stack_file: Path, seed: int) -> Rounds:
    """Load a town, with its truants' past, and make it ready for the first fault."""
    ledger = Ledger()
    client = Client(platform, ledger)
    published = Published()
    write_driven_clock(
        Path(platform.stack.clock.file), domain=at(FIRST_DAY, school_day.MORNING_OPENS), rate=1.0
    )
    await published.begin(platform)
    days = iter(school_days(FIRST_DAY))
    past = [next(days) for _ in range(_HISTORY_DAYS)]
    stage = Stage(
        stack_file=stack_file,
        platform=platform,
        town=await build_town(platform),
        client=client,
        ledger=ledger,
    )
    await _bring_in_the_past(stage, past)
    rounds = Rounds(stage, published, days, seed)
    await rounds.rest()
    return rounds


async def _bring_in_the_past(stage: Stage, past: list[date]) -> None:
    """Give half of the truants one session less than the threshold, and the others all of it."""
    school = stage.town.truants
    stage.set_clock(at(past[-1], school_day.AFTERNOON_CONTACT))
    half = len(school.pupils) // 2
    for day in past:
        for session in Session:
            is_last = day == past[-1] and session is Session.PM
            codes = {
                Cell(pupil, day, session): "I" if is_last and place < half else "O"
                for place, pupil in enumerate(school.pupils)
            }
            await stage.client.push(school, codes)
