"""Print the tables of docs/scaling.md, from what the bench left in build/bench.json.

Everything is arithmetic on measured costs; what is assumed stands in the constants.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PUPILS = (20_000, 250_000, 8_300_000)
SCHOOL_DAYS = 190
SESSIONS_A_DAY = 2
PEAK_SECONDS = 30 * 60  # every morning register of the country within half an hour
ABSENT = 0.07
KEPT_SCHOOL_DAYS = 10  # of the 14 days that a topic keeps
COPIES = 3
HEADROOM = 2  # half of each core stays free: a morning is no average

# What is scaled together, and the processes of the bench that it is made of.
STAGES = {
    "register API": ("register-api",),
    "register PostgreSQL": ("postgres of register",),
    "register relay": ("register-worker",),
    "Kafka": ("kafka",),
    "reporting worker": ("reporting-worker",),
    "reporting PostgreSQL": ("postgres of reporting",),
    "escalation worker": ("escalation-worker",),
    "escalation PostgreSQL": ("postgres of escalation",),
    "notification, sending": ("notification-worker", "notification-api"),
    "notification PostgreSQL": ("postgres of notification",),
}

_NEEDS = (
    "marks a second at the peak",
    "marks a year",
    "cores: register API",
    "cores: PostgreSQL, all four",
    "cores: workers, all four",
    "cores: Kafka",
    "GB a year: register's PostgreSQL",
    "GB a year: reporting's",
    "GB a year: escalation's",
    "GB: Kafka, 14 days, three copies",
)


def costs(bench: dict[str, Any], kind: str) -> dict[str, float]:
    """Return the CPU µs a mark of each stage, the middle run's."""
    used = bench["spread"][kind]["cpu_us_a_mark"]
    return {
        stage: sum(cost["median"] for name, cost in used.items() if name.startswith(processes))
        for stage, processes in STAGES.items()
    }


def bytes_kept(bench: dict[str, Any]) -> dict[str, float]:
    """Return what is kept of one mark, absence, message or enrolment, in bytes with indexes."""
    tables, topics = bench["sizes"]["tables"], bench["sizes"]["topics"]
    marks = [kept for name, kept in tables.items() if name.startswith("register.marks_2")]
    marked = [f"attendance.{name}.v1" for name in ("registers", "absences")]
    return {
        "register: a mark": max(marks, key=lambda kept: kept["rows"])["bytes_a_row"],
        "reporting: an enrolment's year": tables["reporting.enrolment_years"]["bytes_a_row"],
        "escalation: an absence": tables["escalation.absence_marks"]["bytes_a_row"],
        "notification: an episode with its message": tables["notification.episodes"]["bytes_a_row"]
        + tables["notification.messages"]["bytes_a_row"],
        **{
            f"Kafka: a mark on {name}": topics[name]["events"]
            * topics[name]["bytes_an_event"]
            / bench["counted"]["marks"]
            for name in marked
        },
    }


def tables(bench: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the three tables: measured costs, measured bytes, and what follows."""
    whole, classes = costs(bench, "whole_school"), costs(bench, "class")
    yield from _table(
        ("CPU µs a mark", "whole school", "class"),
        ((stage, f"{whole[stage]:.1f}", f"{classes[stage]:.1f}") for stage in STAGES),
    )
    kept = bytes_kept(bench)
    yield from _table(("kept", "bytes"), ((name, f"{size:,.0f}") for name, size in kept.items()))
    yield from _table(
        ("pupils", *(f"{pupils:,}" for pupils in PUPILS)),
        zip(*(_needs(pupils, classes, kept) for pupils in PUPILS), strict=True),
        named=_NEEDS,
    )


def _needs(pupils: int, cost: dict[str, float], kept: dict[str, float]) -> list[str]:
    """Return a column of the last table."""
    peak, year = pupils / PEAK_SECONDS, pupils * SESSIONS_A_DAY * SCHOOL_DAYS
    stores = sum(cost[stage] for stage in STAGES if stage.endswith("PostgreSQL"))
    workers = sum(cost[f"{name} worker"] for name in ("reporting", "escalation"))
    workers += cost["register relay"] + cost["notification, sending"]
    cores = (cost["register API"], stores, workers, cost["Kafka"])
    mark, enrolment, absence, _, *events = kept.values()
    a_day = pupils * SESSIONS_A_DAY * sum(events)
    gigabytes = (year * mark, pupils * enrolment, year * ABSENT * absence)
    return [
        f"{peak:,.0f}",
        f"{year / 1e6:,.1f} million",
        *(f"{HEADROOM * peak * each / 1e6:,.2f}" for each in cores),
        *(f"{each / 1e9:,.1f}" for each in gigabytes),
        f"{a_day * KEPT_SCHOOL_DAYS * COPIES / 1e9:,.1f}",
    ]


def _table(
    head: tuple[str, ...], rows: Any, *, named: tuple[str, ...] | None = None
) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|---" * len(head) + "|"
    for place, row in enumerate(rows):
        yield "| " + " | ".join((named[place], *row) if named else row) + " |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write("\n".join(tables(json.loads(Path("build/bench.json").read_text()))) + "\n")
