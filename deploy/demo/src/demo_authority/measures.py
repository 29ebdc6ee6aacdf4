"""Latencies out of the services' own histograms, for a stretch of time between two readings."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from demo_authority.platform import Platform

MARK_TO_MESSAGE: Final = "firstday_mark_to_message_seconds"
EVENT_AGE: Final = "firstday_event_age_seconds"
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


@dataclass(frozen=True, slots=True)
class Latencies:
    """From a mark (or from when contact was due, if later) to the message, and to the view."""

    to_message: Histogram
    to_view: Histogram

    def since(self, earlier: "Latencies") -> "Latencies":
        """Return what was observed after an earlier reading."""
        return Latencies(
            self.to_message.since(earlier.to_message), self.to_view.since(earlier.to_view)
        )


async def read_latencies(platform: Platform) -> Latencies:
    """Read both histograms from the workers that keep them."""
    return Latencies(
        to_message=await _read(platform, "notification", MARK_TO_MESSAGE, {}),
        to_view=await _read(platform, "reporting", EVENT_AGE, {"event": REGISTER_RECORDED}),
    )


async def _read(
    platform: Platform, service: str, name: str, labels: Mapping[str, str]
) -> Histogram:
    pages = []
    for worker in platform.stack.services[service].worker:
        answer = await platform.http.get(f"{worker}/metrics")
        pages.append(answer.raise_for_status().text)
    return histogram(pages, name, labels)


def histogram(pages: Sequence[str], name: str, labels: Mapping[str, str]) -> Histogram:
    """Add up one histogram over several processes' pages of metrics."""
    counts: defaultdict[float, float] = defaultdict(float)
    for page in pages:
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                if sample.name == f"{name}_bucket" and labels.items() <= sample.labels.items():
                    counts[float(sample.labels["le"])] += sample.value
    return Histogram(dict(counts))
