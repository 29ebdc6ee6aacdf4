"""Latencies: out of a service's own histogram between two readings, or one by one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from attendance_testing.platform import Platform

EVENT_AGE: Final = "firstday_event_age_seconds"
_SHARES: Final = (0.5, 0.99)
REGISTER_RECORDED: Final = "uk.firstday.register.recorded.v1"


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many observations were at most so many seconds: upper bound → count, cumulative."""

    counts: Mapping[float, float]

    @property
    def total(self) -> int:
        """The number of observations."""
        return int(self.counts.get(float("inf"), 0))

    def since(self, earlier: "Histogram") -> "Histogram":
        """Return the observations made after an earlier reading."""
        return Histogram(
            {bound: count - earlier.counts.get(bound, 0.0) for bound, count in self.counts.items()}
        )

    def quantile(self, share: float) -> float | None:
        """Return the seconds that a share (0 to 1) of observations stays under; None without any.

        Interpolated within the bucket; the open last bucket answers its lower bound.
        """
        if not self.total:
            return None
        wanted = share * self.total
        lower, below = 0.0, 0.0
        for bound, count in sorted(self.counts.items()):
            if count >= wanted and count > below:
                width = 0.0 if bound == float("inf") else bound - lower
                return lower + width * (wanted - below) / (count - below)
            lower, below = bound, count
        return lower


async def mark_to_view(platform: Platform) -> Histogram:
    """Read how long registers took to reach the views, from the workers that keep them."""
    pages = []
    for worker in platform.stack.services["reporting"].worker:
        answer = await platform.http.get(f"{worker}/metrics")
        pages.append(answer.raise_for_status().text)
    return histogram(pages, EVENT_AGE, {"event": REGISTER_RECORDED})


def histogram(pages: Sequence[str], name: str, labels: Mapping[str, str]) -> Histogram:
    """Add up one histogram over several processes' pages of metrics."""
    counts: defaultdict[float, float] = defaultdict(float)
    for page in pages:
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                if sample.name == f"{name}_bucket" and labels.items() <= sample.labels.items():
                    counts[float(sample.labels["le"])] += sample.value
    return Histogram(dict(counts))


@dataclass(frozen=True, slots=True)
class Latency:
    """Real seconds that half of the observations stayed under, and all but one in a hundred."""

    observed: int
    p50: float | None
    p99: float | None

    @classmethod
    def of(cls, observed: Histogram) -> "Latency":
        """Read both off a histogram."""
        return cls(observed.total, observed.quantile(0.5), observed.quantile(0.99))

    @classmethod
    def among(cls, seconds: Sequence[float]) -> "Latency":
        """Find both among single observations."""
        if not seconds:
            return cls(0, None, None)
        ordered = sorted(seconds)
        p50, p99 = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in _SHARES)
        return cls(len(ordered), p50, p99)
