"""Quantiles out of a histogram's buckets."""

import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from demo_authority.proof.latencies import Histogram as Reading
from demo_authority.proof.latencies import Latency, histogram


def page(*observed: float, event: str = "seen") -> str:
    registry = CollectorRegistry()
    metric = Histogram("age_seconds", "Age", ["event"], buckets=(0.1, 0.2, 1), registry=registry)
    for seconds in observed:
        metric.labels(event).observe(seconds)
    return generate_latest(registry).decode()


def test_processes_pages_are_added_up() -> None:
    read = histogram([page(0.05, 0.15), page(0.15)], "age_seconds", {"event": "seen"})
    assert read.total == 3
    assert read.counts[0.1] == 1


def test_other_labels_are_left_out() -> None:
    assert histogram([page(0.05, event="else")], "age_seconds", {"event": "seen"}).total == 0


def test_a_quantile_lies_within_its_bucket() -> None:
    read = histogram([page(*[0.05] * 50, *[0.15] * 50)], "age_seconds", {})
    assert read.quantile(0.5) == pytest.approx(0.1)
    assert read.quantile(0.75) == pytest.approx(0.15)
    assert read.quantile(1) == pytest.approx(0.2)


def test_beyond_the_last_bucket_its_lower_bound_is_told() -> None:
    assert histogram([page(5.0)], "age_seconds", {}).quantile(0.99) == 1


def test_nothing_observed_has_no_quantile() -> None:
    assert Reading({}).quantile(0.5) is None


def test_an_earlier_reading_is_taken_off() -> None:
    earlier = histogram([page(0.05)], "age_seconds", {})
    later = histogram([page(0.05, 0.15)], "age_seconds", {})
    assert later.since(earlier).total == 1
    assert later.since(earlier).counts[0.1] == 0


def test_half_of_the_observations_are_under_the_median() -> None:
    latency = Latency.among([n / 100 for n in range(100, 0, -1)])
    assert (latency.observed, latency.p50, latency.p99) == (100, 0.51, 1.0)


def test_without_observations_there_is_no_latency() -> None:
    assert Latency.among([]) == Latency(0, None, None) == Latency.of(Reading({}))
