import pytest

from attendance_contracts.topics import TOPICS, Topic
from attendance_runtime.messaging.topics import topic_settings

DAY_MS = 24 * 60 * 60 * 1000


@pytest.mark.parametrize("topic", [each for each in TOPICS if each.cleanup == "delete"])
def test_a_fact_is_kept_a_fortnight(topic: Topic) -> None:
    assert topic_settings(topic, copies=1) == {
        "min.insync.replicas": "1",
        "cleanup.policy": "delete",
        "retention.ms": str(14 * DAY_MS),
    }


@pytest.mark.parametrize("topic", [each for each in TOPICS if each.cleanup == "compact"])
def test_an_erased_state_leaves_the_log_within_a_day(topic: Topic) -> None:
    settings = topic_settings(topic, copies=1)
    assert settings["cleanup.policy"] == "compact"
    assert int(settings["max.compaction.lag.ms"]) == DAY_MS
    # An open segment is never compacted, so it must close in time too.
    assert int(settings["segment.ms"]) <= DAY_MS
    assert float(settings["min.cleanable.dirty.ratio"]) <= 0.1


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
@pytest.mark.parametrize(("copies", "safe"), [(1, "1"), (2, "2"), (3, "2")])
def test_of_several_copies_two_have_a_record_before_it_counts(
    topic: Topic, copies: int, safe: str
) -> None:
    assert topic_settings(topic, copies)["min.insync.replicas"] == safe
