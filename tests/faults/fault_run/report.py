"""The table at the end, and `build/faults.json`."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fault_run.faults import Fault
from fault_run.rounds import Result

WRITTEN_TO = Path("build/faults.json")


def say(console: Console, one: Result) -> None:
    """Print a line for one fault as soon as it is over, and what was amiss."""
    well = "well " if one.findings.hold else "[red]AMISS[/red]"
    console.print(
        f"{well} {one.fault.name}: at rest after {one.recovered_s} s, "
        f"all ready after {one.ready_s} s",
        soft_wrap=True,
    )
    for sentence in one.findings.amiss:
        console.print(f"      {sentence}", soft_wrap=True)


def show(console: Console, results: Sequence[Result], not_played: Sequence[Fault]) -> None:
    """Print one table of everything."""
    table = Table("part", "while …", "lost", "repeated", "missing", "recovered", "answers")
    for one in results:
        found = one.findings
        table.add_row(
            one.fault.what,
            one.fault.name,
            *(str(count) for count in (found.lost, found.repeated, found.missing)),
            "never" if one.recovered_s is None else f"{one.recovered_s:.1f} s",
            ", ".join(f"{status}: {count}" for status, count in sorted(one.answers.items())),
            style=None if found.hold else "red",
        )
    console.print(table)
    for fault in not_played:
        console.print(f"[red]There was no time for: {fault.name}.[/red]")


def write(results: Sequence[Result], not_played: Sequence[Fault], *, seed: int) -> None:
    """Write what was found."""
    document = {
        "seed": seed,
        "faults": [one.line() for one in results],
        "not_played": [fault.name for fault in not_played],
    }
    WRITTEN_TO.parent.mkdir(exist_ok=True)
    WRITTEN_TO.write_text(json.dumps(document, indent=2, default=str) + "\n")
