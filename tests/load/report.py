"""The tables that are printed: measured, and the least that is wanted."""

from collections.abc import Mapping
from typing import Any

from growth import times_the_api
from loaded import Figures
from rich.console import Console
from rich.table import Table

_LEAST_SHOWN_US = 0.05
_STORES = {"kafka", "postgres"}
_THROUGHPUT = (
    ("whole_school", "whole-school registers", "40,000; 0.30"),
    ("class", "class registers", "20,000; 0.15"),
    ("class_96", "class registers, 96 in flight", "20,000; 0.15"),
)


def show(figures: Figures, console: Console) -> None:
    """Print what was measured beside what is wanted."""
    table = Table("work", "least · middle · most", "must", title="Speed, all on one machine")
    spread = figures["spread"]
    for name, title, must in _THROUGHPUT:
        rate, ratio = spread[name]["marks_per_second"], spread[name]["of_bare"]
        table.add_row(f"{title}, end to end", f"{_three(rate)} marks/s", must.partition("; ")[0])
        table.add_row("  of the bare upsert beside it", _three(ratio, ".2f"), must[-4:])
    for level, found in spread["steady"].items():
        for name in ("mark_to_view", "mark_to_message"):
            told = (
                f"{_three(found[name]['p99_ms'])} ms"
                if name in found
                else found.get("skipped", "none")
            )
            must = "200 ms" if level == "5000" else ""
            table.add_row(f"{int(level):,} marks/s: {name.replace('_', ' ')}, p99", told, must)
    for name, must in (("caseload_page", "50 ms"), ("authority_page", "200 ms")):
        if pages := figures.get(name):
            title = f"{name.replace('_', ' ')}, {pages['pupils']:,} pupils, p99"
            table.add_row(title, f"{pages['p99_ms']:,.0f} ms", must)
    resting = figures["at_rest"]["memory_mb"]
    ours = max(size for part, size in resting.items() if part not in _STORES)
    table.add_row("memory per process at rest", f"{ours:,.0f} MB at most", "120 MB")
    console.print(table)
    _show_costs(spread, figures["at_rest"]["cpu_ms_a_second"], console)
    _show_growth(figures.get("growth", {}), console)
    console.print("Counted afterwards:", figures["counted"])


def _show_costs(spread: Figures, idle: Mapping[str, float], console: Console) -> None:
    table = Table(
        "process", "whole school", "class", "idle, ms a second", title="CPU µs a mark, middle run"
    )
    whole, classes = (spread[name]["cpu_us_a_mark"] for name in ("whole_school", "class"))
    for process in whole:
        costs = [kind.get(process, {}).get("median", 0.0) for kind in (whole, classes)]
        if max(costs) >= _LEAST_SHOWN_US:
            table.add_row(
                process, *(f"{cost:.1f}" for cost in costs), f"{idle.get(process, 0):.1f}"
            )
    console.print(table)


def _show_growth(growth: Figures, console: Console) -> None:
    for level, found in growth.items():
        if level.isdecimal():
            for kind in ("whole_school", "class"):
                cost, times = found[kind]["cpu_us_a_mark_all"], times_the_api(found[kind])
                console.print(
                    f"{found['marks_kept']:,} marks kept, {kind}: {cost:.1f} CPU µs a mark, "
                    f"{times:.2f} times the API's part"
                )
        else:
            console.print(f"{level}: {found['cpu_us_a_mark_all']:.1f} CPU µs a mark")


def _three(figure: Mapping[str, Any], form: str = ",.0f") -> str:
    return " · ".join(format(figure[name], form) for name in ("min", "median", "max"))
