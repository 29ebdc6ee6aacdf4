"""What a consumer shows of itself: counts, ages and one line a batch, with ids only."""

from collections import Counter as Counts
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Counter, Gauge, Histogram

from attendance_runtime.clock import Clock
from attendance_runtime.messaging import dead_letters
from attendance_runtime.messaging.dead_letters import NewLetter
from attendance_runtime.messaging.deliveries import Delivery
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.messaging.sequences import Taken

_log = structlog.get_logger()

_AGE: Final = Histogram(
    "firstday_event_age_seconds",
    "Real seconds from the moment an event tells of to its effects being stored",
    ["event"],
    buckets=(0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300),
)
_APPLIED: Final = Counter("firstday_events_applied", "Events applied or passed over", ["group"])
_SECOND_COPIES: Final = Counter(
    "firstday_second_copies", "Records dropped because their number had been applied", ["group"]
)
_STALE: Final = Counter(
    "firstday_stale_batches", "Batches taken back because the lanes had a new owner", ["group"]
)
_STOPPED: Final = Gauge(
    "firstday_lanes_stopped", "Lanes not read until somebody has looked", ["group"]
)


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored batch: what was taken of it, and what could not be applied."""

    group: str
    taken: Taken
    letters: list[NewLetter]


def report_saved(saved: Saved, clock: Clock) -> None:
    """Count and log a batch once it is committed."""
    deliveries = saved.taken.deliveries
    _APPLIED.labels(saved.group).inc(len(deliveries))
    _SECOND_COPIES.labels(saved.group).inc(saved.taken.second_copies)
    _observe_ages(deliveries, clock)
    dead_letters.report(saved.group, saved.letters)
    envelopes = [delivery.envelope for delivery in deliveries if delivery.envelope is not None]
    _log.info(
        "consumer.batch_saved",
        group=saved.group,
        events=Counts(envelope.type for envelope in envelopes),
        second_copies=saved.taken.second_copies,
        dead_letters=len(saved.letters),
        # One absence is followed through the services by its trace id: name all that met here.
        trace_ids=sorted(
            {_trace_id(found.traceparent) for found in envelopes if found.traceparent}
        ),
    )


def _observe_ages(deliveries: Collection[Delivery], clock: Clock) -> None:
    histograms = {type_: _AGE.labels(type_) for type_ in _types_of(deliveries)}
    for delivery in deliveries:
        recorded_at = getattr(delivery.event, "recorded_at", None)
        if recorded_at is not None and delivery.envelope is not None:
            histograms[delivery.envelope.type].observe(clock.elapsed_seconds(recorded_at))


def _types_of(deliveries: Collection[Delivery]) -> set[str]:
    return {delivery.envelope.type for delivery in deliveries if delivery.envelope is not None}


def count_stale(group: str) -> None:
    """Count a batch that was taken back because its lanes had a new owner."""
    _STALE.labels(group).inc()
    _log.info("consumer.stale_batch", group=group)


def show_stopped(group: str, stopped: Collection[Lane]) -> None:
    """Show how many lanes wait for somebody."""
    _STOPPED.labels(group).set(len(stopped))


def _trace_id(traceparent: str) -> str:
    """The second field of `version-traceid-parentid-flags` (W3C Trace Context)."""
    return traceparent.split("-")[1] if traceparent.count("-") > 1 else traceparent
