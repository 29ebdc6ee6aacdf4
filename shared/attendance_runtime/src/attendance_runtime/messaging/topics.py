"""Makes the platform's topics: brokers that make a topic by themselves make misspelt ones too."""

import asyncio
from datetime import timedelta
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from attendance_contracts.topics import DELETE_RETENTION_DAYS, TOPICS, Topic
from attendance_runtime.messaging.kafka import connection_options
from attendance_runtime.settings import KafkaSettings

_COPIES: Final = 3
_SAFE_COPIES: Final = 2
_TOPIC_ALREADY_EXISTS: Final = 36
_LEADERS_WITHIN_SECONDS: Final = 30
_LOOK_EVERY_SECONDS: Final = 0.1


class TopicsNotMade(Exception):
    """The brokers do not answer, or refuse; what was made stays, and making them again is safe."""


def _milliseconds(span: timedelta) -> str:
    return str(int(span.total_seconds() * 1000))


def topic_settings(topic: Topic, copies: int) -> dict[str, str]:
    """Return a topic's settings: how long a fact is kept, how soon an old state is gone.

    Of several copies two must have a record before it counts as taken: one broker that is lost then
    takes nothing along.
    """
    safe = {"min.insync.replicas": str(min(_SAFE_COPIES, copies))}
    if topic.cleanup == "compact":
        return safe | {
            "cleanup.policy": "compact",
            # An erasure is out of the log within a day, on a quiet topic too.
            "max.compaction.lag.ms": _milliseconds(timedelta(days=1)),
            "min.cleanable.dirty.ratio": "0.1",
            "segment.ms": _milliseconds(timedelta(days=1)),
        }
    return safe | {
        "cleanup.policy": "delete",
        "retention.ms": _milliseconds(timedelta(days=DELETE_RETENTION_DAYS)),
    }


async def create_topics(settings: KafkaSettings) -> None:
    """Create the platform's topics that are missing, and wait until each partition has a leader."""
    admin = AIOKafkaAdminClient(**connection_options(settings))
    try:
        await admin.start()
    except (KafkaError, OSError) as error:
        raise TopicsNotMade(
            f"Kafka at {settings.bootstrap_servers} does not answer ({error}): start it, or set "
            "KAFKA_BOOTSTRAP_SERVERS, and for TLS and SASL the other KAFKA_ settings."
        ) from error
    try:
        await _create_missing(admin)
        await _await_leaders(admin)
    finally:
        await admin.close()


async def _create_missing(admin: AIOKafkaAdminClient) -> None:
    present = set(await admin.list_topics())
    brokers = len((await admin.describe_cluster())["brokers"])
    copies = min(_COPIES, brokers)
    wanted = [
        NewTopic(topic.name, topic.partitions, copies, topic_configs=topic_settings(topic, copies))
        for topic in TOPICS
        if topic.name not in present
    ]
    if not wanted:
        return
    answer = await admin.create_topics(wanted)
    for name, code, *detail in answer.topic_errors:
        if code not in {0, _TOPIC_ALREADY_EXISTS}:
            raise TopicsNotMade(f"Kafka refused to create {name}: error {code} {detail}.")


async def _await_leaders(admin: AIOKafkaAdminClient) -> None:
    names = [topic.name for topic in TOPICS]
    expected = sum(topic.partitions for topic in TOPICS)
    for _ in range(round(_LEADERS_WITHIN_SECONDS / _LOOK_EVERY_SECONDS)):
        described = await admin.describe_topics(names)
        partitions = [partition for topic in described for partition in topic["partitions"]]
        if len(partitions) >= expected and all(part["leader"] >= 0 for part in partitions):
            return
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
    raise TopicsNotMade(
        f"Kafka gave its topics no leaders within {_LEADERS_WITHIN_SECONDS} seconds; see its log."
    )
