"""Runs one part of a stage, until it comes to a statement at which it kills or stops itself."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import asyncpg
from aiokafka import AIOKafkaProducer

from attendance_contracts.topics import Topic
from attendance_runtime.database import Database
from attendance_runtime.settings import KafkaSettings

from .stage import LIMITS, PARTITIONS, Stage, declare_happened

HALF_A_CLAIM = "half a claim"


def strike_at_second_batch(strike: Callable[[], None]) -> None:
    """Strike when one batch of a claim has been given to the Kafka client and the next has not."""
    send_batch = AIOKafkaProducer.send_batch
    sent = 0

    async def counted(*given: Any, **named: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == 2:
            strike()
        return await send_batch(*given, **named)

    AIOKafkaProducer.send_batch = counted


async def main() -> None:
    part, url, bootstrap, topic_name, group, then, at = sys.argv[1:]
    fault = signal.SIGKILL if then == "die" else signal.SIGSTOP
    done = False

    def strike() -> None:
        nonlocal done
        if not done:
            done = True
            os.kill(os.getpid(), fault)

    fetch = asyncpg.Connection.fetch

    def before(connection: asyncpg.Connection, sql: str, *given: Any) -> Any:
        if at in sql:
            strike()
        return fetch(connection, sql, *given)

    patch.object(asyncpg.Connection, "fetch", before).start()
    if at == HALF_A_CLAIM:
        strike_at_second_batch(strike)
    topic = Topic(topic_name, "delete", PARTITIONS)
    type_, happened = declare_happened(topic)
    set_up = Stage(
        Database(url, server_settings=LIMITS),
        KafkaSettings(bootstrap_servers=bootstrap),
        topic,
        happened,
        type_,
        group,
    )
    running = set_up.relay() if part == "relay" else set_up.consumer()
    await running.run(asyncio.Event())


asyncio.run(main())
