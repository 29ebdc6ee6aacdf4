"""`make bench`: the whole stack's speed and cost on this machine, beside a bare upsert.

Every figure is printed with what it was compared to in the same minute.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import authority
from counted import count_everything
from growth import LEVELS as KEPT
from growth import beside, extrapolated
from loaded import Figures, Loaded
from pages import authority_pages, caseload_pages, fill
from report import show
from resting import at_rest
from rich.console import Console
from sizes import sizes
from spread import spread
from steady import LEVELS, steady
from workers import more_workers

from registers import CLASSES, WHOLE, end_to_end

console = Console()
RESULT = Path("build/bench.json")
# One supplier sends what a country does: what is measured is the platform, not its patience.
UNLIMITED = {
    f"{service}_QUOTA_{what}": "1000000"
    for service in ("REGISTER", "REPORTING")
    for what in ("AT_ONCE", "A_MINUTE")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured: the full bench takes ten minutes, the short one 3."""

    schools: int
    pupils: int
    runs: int
    kept: int
    workers: tuple[int, ...]


def main() -> None:
    """Measure on a stack of the bench's own, print, and write build/bench.json."""
    plan = _plan()
    with stack(**UNLIMITED) as document:
        figures = asyncio.run(_measure(document, plan))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    show(figures, console)


def _plan() -> Plan:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="one run of a smaller authority")
    parser.add_argument("--schools", type=int, help="how many schools")
    parser.add_argument("--pupils", type=int, default=1000, help="pupils a school")
    parser.add_argument("--runs", type=int, help="how often registers are measured")
    given = parser.parse_args()
    short = given.short
    return Plan(
        schools=given.schools or (20 if short else 60),
        pupils=given.pupils,
        runs=given.runs or (1 if short else 3),
        kept=1_000_000 if short else 10_000_000,
        workers=() if short else (2, 4),
    )


@contextmanager
def stack(**settings: str) -> Iterator[dict[str, Any]]:
    """Keep a stack of one's own, with settings beside its usual ones, up while the block lasts."""
    name = f"bench-{os.getpid()}"
    command = [sys.executable, "-m", "local_stack"]
    up = ["up", "--name", name, "--clock", "driven", "--throwaway", "--detach"]
    try:
        environment = {**os.environ, **settings}
        subprocess.run([*command, *up], check=True, env=environment)  # noqa: S603 - our own command
        yield json.loads((Path(".stack") / name / "stack.json").read_text())
    finally:
        subprocess.run([*command, "down", "--name", name], check=False)  # noqa: S603 - likewise


async def _measure(document: dict[str, Any], plan: Plan) -> Figures:
    """Measure everything in turn; what fails in a phase ends the bench."""
    started = time.perf_counter()
    loaded = Loaded(document, authority.schools(plan.schools, plan.pupils))
    await loaded.progress.connect()
    figures: Figures = {"machine": _machine(), "plan": {"schools": plan.schools}}
    _say("Memory and CPU at rest…")
    figures["at_rest"] = await at_rest(loaded)
    _say("Schools and rolls…")
    await loaded.load()
    _say("Pages of an authority…")
    await fill(loaded)
    figures["caseload_page"] = await caseload_pages(loaded)
    figures["authority_page"] = await authority_pages(loaded)
    _say("Warming up…")
    await end_to_end(loaded, CLASSES, in_flight=24)
    figures["growth"] = {str(KEPT[0]): await beside(loaded, KEPT[0])}
    runs = [await _run(loaded, number) for number in range(1, plan.runs + 1)]
    figures |= {"runs": runs, "spread": spread(runs)}
    figures["memory_under_load_mb"] = loaded.progress.memory_megabytes()
    _say("More workers…")
    figures["workers"] = await more_workers(loaded, plan.workers) if plan.workers else {}
    _say(f"Registers beside up to {plan.kept:,} marks kept…")
    for level in (level for level in KEPT[1:] if level <= plan.kept):
        figures["growth"][str(level)] = await beside(loaded, level)
    measured = list(figures["growth"].values())
    for kind in ("whole_school", "class"):
        figures["growth"][f"{kind}_extrapolated"] = extrapolated(measured, kind)
    _say("Counting everything…")
    figures["counted"] = await count_everything(loaded)
    figures["sizes"] = await sizes(loaded)
    await loaded.progress.close()
    return figures | {"took_seconds": time.perf_counter() - started}


async def _run(loaded: Loaded, number: int) -> Figures:
    """Measure registers of each kind, then a morning at each steady rate."""
    _say(f"Run {number}: registers as fast as they are taken…")
    found: Figures = {
        "whole_school": await end_to_end(loaded, WHOLE, in_flight=8),
        "class": await end_to_end(loaded, CLASSES, in_flight=24),
        "class_96": await end_to_end(loaded, CLASSES, in_flight=96),
    }
    reached = max(found[name]["marks_per_second"] for name in ("class", "class_96"))
    _say(f"Run {number}: steady mornings…")
    steadily = {str(level): await steady(loaded, level, reached=reached) for level in LEVELS}
    return found | {"steady": steadily}


def _machine() -> dict[str, Any]:
    """Tell what it was measured on; the load average says what else ran."""
    return {
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def _say(sentence: str) -> None:
    console.print(sentence, style="dim")


if __name__ == "__main__":
    main()
