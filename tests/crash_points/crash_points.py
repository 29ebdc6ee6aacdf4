"""Every crash point of accepting, consuming and sending: die there, live again, count.

A rehearsal without a crash finds the points. Then each is died at once: in every school day each
process dies at up to four of its own. What a process crosses for the first time while it recovers
is died at as well. `--only` plays the points whose lines hold some words, each by itself.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from campaign import Campaign, Tried, rehearse
from rich.console import Console
from rounds import Rounds
from school_day import prepare
from stand import Stand, own_stack

FOLDER = Path("build/crash_points")
_FIRST_URN = 800_000
_PREFIX = "crash point: "
console = Console(highlight=False, soft_wrap=True, markup=False)


async def main(options: argparse.Namespace, stack: dict[str, Any]) -> int:
    """Run the campaign within its time; 1 when anything was lost, repeated or missing."""
    began = time.monotonic()
    stand = Stand(stack, FOLDER)
    async with stand.open():
        await prepare(stand.platform)
        first = await stand.databases["register"].fetchval("SELECT count(*) FROM schools")
        campaign = Campaign(stand, Rounds(stand, first_urn=_FIRST_URN + first))
        campaign.faults += [f"not watched: {one}" for one in await rehearse(campaign)]
        if options.only:
            campaign.waiting = [
                replace(one, in_turn=True)  # and so by itself
                for one in campaign.waiting
                if options.only in str(one.points[0])
            ]
        console.print(f"{len(campaign.waiting)} crash points, seed {options.seed}")
        for fault in campaign.faults:
            console.print(f"  {fault}", style="red")
        if options.list:
            for recipe in campaign.waiting:
                console.print(f"  {recipe.points[0]}")
            return 0
        # Beginnings last: they are the libraries' own words, hardly ever ours.
        random.Random(options.seed).shuffle(campaign.waiting)  # noqa: S311 - not for secrets
        campaign.waiting.sort(key=lambda recipe: recipe.fresh)
        campaign.rounds.begin()
        async with asyncio.TaskGroup() as group:
            alive = group.create_task(campaign.rounds.keep_alive())
            for _ in range(options.rounds):
                over = time.monotonic() - began > options.within
                if over or not campaign.waiting or await one_round(campaign):
                    break
            alive.cancel()
    report(campaign.tried, options.report)
    return tell(campaign, time.monotonic() - began)


async def one_round(campaign: Campaign) -> bool:
    """Play a round and say what it was; was it the last, because nothing moves any more?"""
    recipes = campaign.take_round()
    began = time.monotonic()
    outcome = await campaign.rounds.play(recipes)
    campaign.note(outcome)
    seconds = time.monotonic() - began
    console.print(
        f"{len(campaign.tried)} points, {len(campaign.waiting)} to go, {seconds:.1f} s"
        + (f", not reached: {len(outcome.unreached)}" if outcome.unreached else "")
        + (f", died besides: {', '.join(outcome.unplanned)}" if outcome.unplanned else "")
    )
    if outcome.account.faults:
        for death in outcome.deaths:
            console.print(f"  {death}")
        for fault in outcome.account.faults:
            console.print(f"    {fault}", style="red")
    return outcome.stuck


def tell(campaign: Campaign, seconds: float) -> int:
    """Print the sum and return the exit status."""
    slowest = max((one.recovered_s for one in campaign.tried.values()), default=0.0)
    for point in campaign.unreached:
        console.print(f"not reached again: {point}")
    console.print(
        f"{len(campaign.tried)} crash points in {seconds:.0f} s, "
        f"{len(campaign.waiting)} not tried, "
        f"{len(campaign.unreached)} not reached again; longest recovery {slowest:.1f} s; "
        f"faults: {len(campaign.faults)}"
    )
    for fault in campaign.faults:
        console.print(f"  {fault}", style="red")
    return 1 if campaign.faults else 0


def report(tried: Mapping[str, Tried], path: Path) -> None:
    """Write what was tried in place of an earlier run's; what others reported stays."""
    document = json.loads(path.read_text()) if path.exists() else {}
    reported = document.get("faults", [])
    others = [one for one in reported if not one["fault"].startswith(_PREFIX)]
    ours = [{"fault": f"{_PREFIX}{name}", **asdict(one)} for name, one in tried.items()]
    document["faults"] = [*others, *ours]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--within", type=float, default=400, help="seconds; the rest is not tried")
    parser.add_argument("--rounds", type=int, default=1000, help="school days at most")
    parser.add_argument("--report", type=Path, default=Path("build/faults.json"))
    parser.add_argument("--only", default="", help="words of the points to play, one a round")
    parser.add_argument("--list", action="store_true", help="name the points and end")
    parser.add_argument("--stack", type=Path, help="the stack.json of stores that are kept up")
    return parser.parse_args()


def run() -> int:
    """Start the stores, run, and end them."""
    options = read_options()
    stack: AbstractContextManager[Path] = (
        nullcontext(options.stack) if options.stack else own_stack()
    )
    shutil.rmtree(FOLDER, ignore_errors=True)
    with stack as stack_file:
        return asyncio.run(main(options, json.loads(stack_file.read_text())))


if __name__ == "__main__":
    sys.exit(run())
