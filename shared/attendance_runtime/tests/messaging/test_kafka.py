"""The brokers' addresses, TLS and SASL reach every client unchanged."""

import ssl
from pathlib import Path

import certifi
import pytest

from attendance_runtime.messaging.budgets import ConsumerSettings
from attendance_runtime.messaging.kafka import (
    brokers_answer,
    connection_options,
    make_consumer,
    make_producer,
)
from attendance_runtime.settings import KafkaSettings


def test_a_plain_broker_is_given_no_secrets() -> None:
    options = connection_options(KafkaSettings(bootstrap_servers="broker.example.org:9092"))
    assert options == {
        "bootstrap_servers": "broker.example.org:9092",
        "security_protocol": "PLAINTEXT",
    }


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_name_password_and_mechanism_are_passed_on(protocol: str) -> None:
    settings = KafkaSettings.model_validate(
        {
            "bootstrap_servers": "broker.example.org:9093",
            "security_protocol": protocol,
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_username": "register",
            "sasl_password": "not-a-real-one",
        }
    )
    options = connection_options(settings)
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert options["sasl_plain_username"] == "register"
    assert options["sasl_plain_password"] == "not-a-real-one"
    assert ("ssl_context" in options) == (protocol == "SASL_SSL")


def test_an_authority_of_our_own_is_trusted_and_names_are_checked() -> None:
    settings = KafkaSettings(
        bootstrap_servers="broker.example.org:9093",
        security_protocol="SSL",
        ssl_cafile=str(Path(certifi.where())),
    )
    context = connection_options(settings)["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


async def test_clients_leave_offsets_to_us_and_never_repeat_by_themselves() -> None:
    settings = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    consumer = make_consumer(settings, group="group", settings=ConsumerSettings())
    producer = make_producer(settings, client_id="relay")
    assert consumer._enable_auto_commit is False  # noqa: SLF001 - aiokafka shows it nowhere else
    assert consumer._auto_offset_reset == "none"  # noqa: SLF001
    assert producer._txn_manager is not None, "idempotent"  # noqa: SLF001
    await consumer.stop()
    await producer.stop()


async def test_whoever_asks_learns_whether_the_brokers_answer(kafka_bootstrap: str) -> None:
    assert await brokers_answer(KafkaSettings(bootstrap_servers=kafka_bootstrap))
    assert not await brokers_answer(KafkaSettings(bootstrap_servers="127.0.0.1:1"))
