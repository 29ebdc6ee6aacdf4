"""Break every part while the platform works, and look for anything lost or repeated.

    python tests/faults/run.py [--seed N] [--only WORDS] [--short] [--minutes N] [--stack FILE]

Starts a stack of its own. The exit status is 1 when anything was lost, repeated or missing.
"""

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fault_run import report
from fault_run.every_fault import FAULTS
from fault_run.faults import Fault
from fault_run.rounds import Result, set_up
from rich.console import Console
from rich.progress import Progress

from demo_authority.platform import Platform

MINUTES: Final = 25.0
"""How long the whole run may take, its start included."""
_SPARE_SECONDS: Final = 45.0
_STARTS_WITHIN_SECONDS: Final = 240.0
_STACK: Final = ("--clock", "driven", "--api", "2", "--worker", "2")
_LEASES: Final = {
    "NOTIFICATION_LEASE_SECONDS": "8",
    "NOTIFICATION_SETTLING_SECONDS": "3",
    "NOTIFICATION_NOTIFY_TIMEOUT_SECONDS": "3",
    "NOTIFICATION_REGISTER_TIMEOUT_SECONDS": "2",
}
"""Shorter than in service, a quarter or so, for there are sixty faults to wait for."""
console = Console()


@contextmanager
def own_stack() -> Iterator[Path]:
    """Start a stack and end it; its folder stays when something was amiss."""
    name = f"faults-{os.getpid()}"
    folder = Path(".stack") / name
    words = [sys.executable, "-m", "local_stack", "up", "--name", name, *_STACK]
    Path("build").mkdir(exist_ok=True)
    with Path("build/faults-stack.log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            words, env={**os.environ, **_LEASES}, stdout=log, stderr=log
        )
        try:
            give_up = time.monotonic() + _STARTS_WITHIN_SECONDS
            while not (folder / "stack.json").exists():
                if process.poll() is not None or time.monotonic() > give_up:
                    sys.exit(f"The stack did not start; see {log.name}.")
                time.sleep(0.2)  # noqa: TID251 - before any event loop runs
            yield folder / "stack.json"
        except BaseException:
            console.print(f"The stack's logs stay in {folder}/logs.")
            raise
        else:
            process.terminate()
            process.wait(60)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            process.terminate()
            process.wait(60)


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
                result = await rounds.play(fault)
                results.append(result)
                progress.advance(bar)
                console.print(
                    f"{'well' if result.findings.hold else '[red]AMISS[/red]'}  {fault.name}: "
                    f"at rest after {result.recovered_s} s, all ready after {result.ready_s} s"
                )
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

    def run_on(stack_file: Path) -> list[Result]:
        return asyncio.run(play(stack_file, faults, seed=arguments.seed, until=until))

    if arguments.stack:
        results = run_on(arguments.stack)
    else:
        with own_stack() as stack_file:
            results = run_on(stack_file)
    not_played = faults[len(results) :]
    report.show(console, results, not_played)
    report.write(results, not_played, seed=arguments.seed)
    return 1 if not_played or not all(one.findings.hold for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
