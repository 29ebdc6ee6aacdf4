"""How far each service has come, read from the databases of a local stack, and what it costs."""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import psutil

# What each service must have taken from register-service before a register is "done".
CONSUMED = {
    "notification": ("attendance.absences.v1", "attendance.schools.v1"),
    "escalation": (
        "attendance.registers.v1",
        "attendance.roll.v1",
        "attendance.schools.v1",
        "attendance.care.v1",
    ),
    "reporting": (
        "attendance.registers.v1",
        "attendance.roll.v1",
        "attendance.schools.v1",
        "attendance.care.v1",
    ),
}


class Progress:
    """Connections to the services' databases, for looking only."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._databases: dict[str, asyncpg.Connection] = {}

    async def connect(self) -> None:
        """Open a connection to each service's database."""
        for name, service in self._document["services"].items():
            self._databases[name] = await asyncpg.connect(service["database_url"])

    async def close(self) -> None:
        """Close them."""
        for connection in self._databases.values():
            await connection.close()

    async def caught_up(self) -> bool:
        """Tell whether everything announced so far has been applied by every consumer."""
        register = self._databases["register"]
        if await register.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
            return False
        published = {
            (row["topic"], row["partition"]): row["last"]
            for row in await register.fetch("SELECT topic, partition, last FROM outbox_sequence")
        }
        for name, topics in CONSUMED.items():
            rows = await self._databases[name].fetch(
                "SELECT topic, partition, sequence FROM consumer_sequence WHERE source LIKE $1",
                "%register-service",
            )
            reached = {(row["topic"], row["partition"]): row["sequence"] for row in rows}
            for lane, last in published.items():
                if lane[0] in topics and reached.get(lane, 0) < last:
                    return False
        return True

    async def messages_waiting(self) -> int:
        """Count the messages that are due or in hand."""
        return int(
            await self._databases["notification"].fetchval(
                "SELECT count(*) FROM messages WHERE state IN ('due', 'sending')"
            )
        )

    def memory_megabytes(self) -> dict[str, float]:
        """Return the resident memory of each of the stack's own processes."""
        return {
            name: psutil.Process(process["pid"]).memory_info().rss / 1e6
            for name, process in self._document["processes"].items()
        }

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU time that each process has used so far, in seconds.

        PostgreSQL's is told apart by the database that its backends serve: `postgres of register`.
        """
        used: dict[str, float] = {}
        for name, process in self._document["processes"].items():
            root = psutil.Process(process["pid"])
            for one in (root, *root.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):  # a backend that has just ended
                    part = f"{name}{_served(one)}" if name == "postgres" else name
                    times = one.cpu_times()
                    used[part] = used.get(part, 0.0) + times.user + times.system
        return used


_BACKEND = re.compile(r"^postgres: \w+ (\w+) [0-9.]+\(")


def _served(process: psutil.Process) -> str:
    """Name the database that a backend serves, from the title that PostgreSQL gives it."""
    backend = _BACKEND.match(" ".join(process.cmdline()))
    return f" of {backend[1]}" if backend else ""


_BUCKET = re.compile(r'^(\w+)_bucket\{(.*)le="([^"]+)"(.*)\} ([0-9.e+]+)$')


@dataclass(frozen=True, slots=True)
class Histogram:
    """A Prometheus histogram: cumulative counts by upper bound in seconds."""

    counts: dict[float, float]

    def since(self, before: "Histogram") -> "Histogram":
        """Return what was observed after an earlier reading."""
        return Histogram(
            {bound: count - before.counts.get(bound, 0) for bound, count in self.counts.items()}
        )

    def bound_of(self, share: float) -> float:
        """Return the smallest bound that a share of the observations stay under."""
        total = max(self.counts.values(), default=0)
        bounds = (bound for bound, count in sorted(self.counts.items()) if count >= share * total)
        return next(bounds, float("nan")) if total else float("nan")

    def apart(self) -> dict[float, float]:
        """Return how many observations fell into each bucket alone, the empty ones left out."""
        below, alone = 0.0, {}
        for bound, count in sorted(self.counts.items()):
            if count > below:
                alone[bound] = count - below
            below = count
        return alone

    def quantile(self, share: float) -> float:
        """Estimate what a share of the observations stay under, evenly spread in each bucket.

        As Prometheus's own `histogram_quantile` does.
        """
        wanted, below, low = share * max(self.counts.values(), default=0), 0.0, 0.0
        for bound, count in sorted(self.counts.items()):
            if count >= wanted and count > below:
                high = low if bound == float("inf") else bound
                return low + (high - low) * (wanted - below) / (count - below)
            below, low = count, bound
        return float("nan")


async def read_histogram(urls: list[str], name: str, label: str = "") -> Histogram:
    """Sum a histogram over processes, from their `/metrics`."""
    counts: dict[float, float] = {}
    async with httpx.AsyncClient() as client:
        for url in urls:
            for line in (await client.get(f"{url}/metrics")).text.splitlines():
                match = _BUCKET.match(line)
                if match and match[1] == name and label in match[2] + match[4]:
                    bound = float(match[3])
                    counts[bound] = counts.get(bound, 0) + float(match[5])
    return Histogram(counts)
