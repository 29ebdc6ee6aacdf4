"""The table at the end, and `build/faults.json`."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fault_run.faults import Fault
from fault_run.rounds import Result

WRITTEN_TO = Path("build/faults.json")


def show(console: Console, results: Sequence[Result], not_played: Sequence[Fault]) -> None:
    """Print one table, and beneath it a sentence for each thing that was amiss."""
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
    for one in results:
        for sentence in one.findings.amiss:
            console.print(f"[red]{one.fault.name}[/red]: {sentence}", soft_wrap=True)
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
