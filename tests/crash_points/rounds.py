"""A round: one school day in which each process dies at points chosen before."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from accounts import Account, account, read_kept
from armed import Armed, End, Point
from school_day import SchoolDay
from settling import settle
from stand import Stand

from attendance_testing.platform import Refused

SETTLES_WITHIN_SECONDS: Final = 60.0
_LOOK_AGAIN_SECONDS: Final = 0.005


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a process is to die during one day.

    Attributes:
        points: where; in whichever order it comes to them, or `in_turn`.
        in_turn: each later point is crossed only while it recovers from the one before.
        fresh: these are crossed only in the beginning of a life, so one is begun for them.
    """

    points: tuple[Point, ...]
    in_turn: bool = False
    fresh: bool = False

    @property
    def process(self) -> str:
        """Whose deaths they are."""
        return self.points[0].process


@dataclass(frozen=True, slots=True)
class Death:
    """A death where it was wanted.

    Attributes:
        points: where, and before it those whose recovery led there.
        life: the number of the life that it ended.
        recovered_seconds: how long until all was settled again.
    """

    points: tuple[Point, ...]
    life: int
    recovered_seconds: float

    def __str__(self) -> str:
        first, *others = (str(point) for point in self.points)
        return ", then ".join([first, *(other.partition(" dies: ")[2] for other in others)])


@dataclass
class Outcome:
    """What became of a round: who died where it should, and what was wrong afterwards.

    `stuck`: the day did not come to its end, and the days after it will not either.
    """

    account: Account
    stuck: bool = False
    deaths: list[Death] = field(default_factory=list)
    unreached: list[Point] = field(default_factory=list)
    unplanned: list[str] = field(default_factory=list)


class Rounds:
    """Plays rounds on a stand, keeping its processes alive in between."""

    def __init__(self, stand: Stand, *, first_urn: int) -> None:
        self._stand = stand
        self._next_urn = first_urn
        self._left: dict[str, list[Point]] = {name: [] for name in stand.processes}
        self._in_turn: dict[str, bool] = {}
        self._died: list[_Died] = []
        self._settled_at: list[float] = []
        self._unplanned: list[str] = []
        self._killed: set[str] = set()

    async def keep_alive(self) -> None:
        """Start again whoever has died, armed with what is left for it, until cancelled."""
        while True:
            for process in self._stand.processes.values():
                end = process.has_ended()
                if end is not None:
                    self._note(process, end)
                    await self._begin_life(process)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    def begin(self) -> None:
        """Start every process."""
        for process in self._stand.processes.values():
            process.start()

    async def play(self, recipes: Sequence[Recipe] = ()) -> Outcome:
        """Let a school day happen while these die, wait until all is settled, and count."""
        self._died, self._settled_at, self._unplanned = [], [], []
        for recipe in recipes:
            process = self._stand.processes[recipe.process]
            self._left[recipe.process] = list(recipe.points)
            self._in_turn[recipe.process] = recipe.in_turn
            if recipe.fresh:
                self._killed.add(recipe.process)
                process.kill()  # whoever keeps it alive begins its next life, armed
            else:
                process.arm(self._armed(recipe.process))
        outcome = await self._day()
        for name, left in self._left.items():
            outcome.unreached += left
            left.clear()
            self._stand.processes[name].arm(())
        outcome.deaths = [self._death(died) for died in self._died]
        outcome.unplanned = list(self._unplanned)
        return outcome

    async def _day(self) -> Outcome:
        stand = self._stand

        async def settled() -> None:
            await settle(stand.databases, within_seconds=SETTLES_WITHIN_SECONDS)
            self._settled_at.append(time.monotonic())

        day = SchoolDay(stand.platform, str(self._next_urn), settled)
        self._next_urn += 1
        try:
            await day.happen()
        except (TimeoutError, Refused) as error:
            return Outcome(Account(missing=[str(error)]), stuck=True)
        url = stand.addresses.sandbox_url
        return Outcome(account(day.children, await read_kept(stand.databases, url, day.children)))

    async def _begin_life(self, process: Armed) -> None:
        await self._stand.forget(process)
        process.arm(self._armed(process.name))
        process.start()

    def _armed(self, name: str) -> list[Point]:
        left = self._left[name]
        return left[:1] if self._in_turn.get(name) else left

    def _note(self, process: Armed, end: End) -> None:
        """Take the end of a life down: one that was wanted, or one of the process's own."""
        left = self._left[process.name]
        point = next((one for one in left if one.digest == end.digest), None)
        if point is not None:
            left.remove(point)
            self._died.append(_Died(point, process.life, end.at))
        elif process.name in self._killed:
            self._killed.remove(process.name)
        else:
            self._unplanned.append(process.name)

    def _death(self, died: "_Died") -> Death:
        """Say what a death was; it was recovered from when all was settled for the first time."""
        name = died.point.process
        before = tuple(
            other.point
            for other in self._died
            if self._in_turn[name] and other.point.process == name and other.at < died.at
        )
        settled_at = next((moment for moment in self._settled_at if moment > died.at), died.at)
        return Death((*before, died.point), died.life, settled_at - died.at)


@dataclass(frozen=True, slots=True)
class _Died:
    point: Point
    life: int
    at: float
