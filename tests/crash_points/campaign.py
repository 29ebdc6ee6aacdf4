"""Finding the points where a process can die, and dying at each of them."""

from dataclasses import dataclass, field, replace

import witnesses
from accounts import Account
from armed import Point
from crossings import MOST_ARMED
from rounds import Outcome, Recipe, Rounds
from stand import Stand

_ERA_OF_BEGINNINGS, _ERA_OF_DAYS, _ERA_OF_CRASHES = 1, 2, 3


@dataclass
class Tried:
    """What came of dying at one point, or at one and then at another, each time it was tried.

    A fault counts for every death of its day: which of them it was, `--only` tells.
    """

    runs: int = 0
    lost: int = 0
    repeated: int = 0
    missing: int = 0
    recovered_s: float = 0.0

    def add(self, found: Account, recovered_seconds: float) -> None:
        """Add what was found after one more try; of the recoveries the slowest counts."""
        self.runs += 1
        self.lost += len(found.lost)
        self.repeated += len(found.repeated)
        self.missing += len(found.missing)
        self.recovered_s = round(max(self.recovered_s, recovered_seconds), 2)


@dataclass
class Campaign:
    """What is known, what is still to be tried, and what came of the rest."""

    stand: Stand
    rounds: Rounds
    rehearsed: set[Point] = field(default_factory=set)
    known: set[tuple[str, str]] = field(default_factory=set)
    waiting: list[Recipe] = field(default_factory=list)
    tried: dict[str, Tried] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unreached: set[Point] = field(default_factory=set)

    def take_round(self) -> list[Recipe]:
        """Take what each process tries next: some points at once, or one recovery."""
        taken: dict[str, Recipe] = {}
        left = []
        for recipe in self.waiting:
            first = taken.setdefault(recipe.process, recipe)
            if first is recipe:
                continue
            if _go_together(first, recipe):
                points = (*first.points, *recipe.points)
                taken[recipe.process] = replace(first, points=points)
            else:
                left.append(recipe)
        self.waiting = left
        return list(taken.values())

    def _once_more(self, outcome: Outcome) -> list[Point]:
        """Return the points that get a second chance: another death came before them."""
        # A recovery that takes another way for once is no fault: only rehearsed points count.
        missed = {point for point in outcome.unreached if point in self.rehearsed}
        again = missed - self.unreached
        self.unreached |= missed
        self.unreached -= {death.points[-1] for death in outcome.deaths}
        return sorted(again, key=str)

    def note(self, outcome: Outcome) -> None:
        """Keep what became of a round; what was crossed anew while recovering is tried later."""
        found = outcome.account
        self.faults += found.faults
        self.waiting += [Recipe((point,), fresh=True) for point in self._once_more(outcome)]
        for death in outcome.deaths:
            self.tried.setdefault(str(death), Tried()).add(found, death.recovered_seconds)
        # By process and life: what the process died of before it.
        before = {
            (death.points[0].process, death.life + 1): death.points[0]
            for death in outcome.deaths
            if len(death.points) == 1
        }
        for process in self.stand.processes.values():
            for one in process.newly_seen():
                cause = before.get((process.name, one.life))
                if cause and _key(one.point) not in self.known:
                    self.known.add(_key(one.point))
                    self.waiting.append(Recipe((cause, one.point), in_turn=True))


def _go_together(first: Recipe, other: Recipe) -> bool:
    return (
        not first.in_turn
        and not other.in_turn
        and first.fresh == other.fresh
        and len(first.points) < MOST_ARMED
    )


def _key(point: Point) -> tuple[str, str]:
    return point.process, point.digest


async def rehearse(campaign: Campaign) -> list[str]:
    """Let two days pass without a crash: the points, and whether any door was missed."""
    stand, rounds = campaign.stand, campaign.rounds
    await witnesses.log_statements(stand, on=True)
    before = await witnesses.look(stand)
    seen: dict[int, dict[tuple[str, str], Point]] = {}
    for process in stand.processes.values():
        process.begin_era(_ERA_OF_BEGINNINGS)
    rounds.begin()
    for era in (_ERA_OF_BEGINNINGS, _ERA_OF_DAYS):
        for process in stand.processes.values():
            process.begin_era(era)
        outcome = await rounds.play()
        campaign.faults += [f"rehearsal: {fault}" for fault in outcome.account.faults]
    for process in stand.processes.values():
        process.end()
        for one in process.newly_seen():
            seen.setdefault(one.era, {})[_key(one.point)] = one.point
        process.begin_era(_ERA_OF_CRASHES)
    missed = witnesses.differences(before, await witnesses.look(stand), stand.processes.values())
    await witnesses.log_statements(stand, on=False)
    daily, once = seen[_ERA_OF_DAYS], seen[_ERA_OF_BEGINNINGS]
    campaign.rehearsed = {*daily.values(), *once.values()}
    campaign.known = daily.keys() | once.keys()
    campaign.waiting = [Recipe((point,)) for point in daily.values()] + [
        Recipe((point,), fresh=True) for key, point in once.items() if key not in daily
    ]
    return missed
