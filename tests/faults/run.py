"""Break every part while the platform works, and look for anything lost or repeated.

    python tests/faults/run.py [--seed N] [--only WORDS] [--short] [--minutes N] [--stack FILE]

Starts a stack of its own. The exit status is 1 when anything was lost, repeated or missing.
"""

import argparse
import asyncio
import logging
import random
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from fault_run import report
from fault_run.every_fault import FAULTS
from fault_run.faults import Fault
from fault_run.own_stack import own_stack
from fault_run.rounds import Result, set_up
from rich.console import Console
from rich.progress import Progress

from attendance_testing.platform import Platform

MINUTES: Final = 25.0
"""How long the whole run may take, its start included."""
_SPARE_SECONDS: Final = 75.0
"""No fault begins so shortly before the end."""
console = Console()


async def play(
    stack_file: Path, faults: Sequence[Fault], *, seed: int, until: float
) -> list[Result]:
    """Play faults one after the other until all are done or the time is over."""
    results: list[Result] = []
    async with await Platform.from_file(stack_file) as platform:
        rounds = await set_up(platform, stack_file, seed)
        with Progress(console=console, transient=True) as progress:
            bar = progress.add_task("", total=len(faults))
            for fault in faults:
                if time.monotonic() > until:
                    break
                progress.update(bar, description=fault.name)
                results.append(await rounds.play(fault))
                progress.advance(bar)
                report.say(console, results[-1])
                report.write(results, faults[len(results) :], seed=seed)
        await rounds.stage.client.close()
    return results


def chosen(arguments: argparse.Namespace) -> list[Fault]:
    """Return the faults that were asked for."""
    words = (arguments.only or "").lower().split(",")
    return [
        fault
        for fault in FAULTS
        if any(word in f"{fault.what} {fault.name}".lower() for word in words)
        and (fault.short or not arguments.short)
    ]


def main() -> int:
    """Run what was asked for; 1 when anything is amiss."""
    started = time.monotonic()
    # What a broker that is away makes its clients say, dozens of times a second.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))  # noqa: S311
    parser.add_argument("--only", help="faults whose part or name has one of these words")
    parser.add_argument("--short", action="store_true", help="the form of the test suite")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--stack", type=Path, help="the stack.json of a driven stack that is up")
    arguments = parser.parse_args()
    faults = chosen(arguments)
    console.print(f"{len(faults)} faults, seed {arguments.seed}")
    until = started + 60 * arguments.minutes - _SPARE_SECONDS

    stack = nullcontext(arguments.stack) if arguments.stack else own_stack()
    with stack as stack_file:
        results = asyncio.run(play(stack_file, faults, seed=arguments.seed, until=until))
    not_played = faults[len(results) :]
    report.show(console, results, not_played)
    if not_played or not all(one.findings.hold for one in results):
        console.print(f"The stack's logs are in {stack_file.parent}/logs.")
        return 1
    if not arguments.stack:
        shutil.rmtree(stack_file.parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
