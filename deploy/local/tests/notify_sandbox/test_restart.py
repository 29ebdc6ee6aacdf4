"""The sandbox as a process of its own, ended without warning and started again."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import httpx

from notify_sandbox.templates import FIRST_CONTACT_SMS
from notify_sandbox.testing import Document, OfficialClient

VALUES = {"child": "Amira", "school": "Hillside", "date": "7 September", "session": "this morning"}
OWN_KEY = "our-key-6d0b1c52-7a19-4a51-9d64-2f1b0c7e8a35-c8f2b9d7-41e6-4f0a-8d25-97e3a6b1c054"
ClientOf = Callable[..., OfficialClient]
Eventually = Callable[[Callable[[], bool]], None]


class Receiver(Protocol):
    """What these tests use of the `receiver` fixture."""

    url: str

    def next(self) -> Document: ...


@contextmanager
def process(*options: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "notify_sandbox", *options]
    running = subprocess.Popen(command, env=os.environ | environment)  # noqa: S603 - our own
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/livez").status_code == 200
    except httpx.TransportError:
        return False


def test_accepted_messages_survive_a_kill_and_go_on_to_be_delivered(
    tmp_path: Path, client_of: ClientOf, eventually: Eventually
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--host", "127.0.0.1", "--port", str(port), "--state", str(tmp_path))
    client = client_of(url)
    with process(*options, "--delay-seconds", "600") as first:
        eventually(lambda: answers(url))
        sent = [
            client.send_sms_notification(f"07700 9004{n:02d}", FIRST_CONTACT_SMS, VALUES)["id"]
            for n in range(20)
        ]
        first.kill()
        first.wait()
    with process(*options, NOTIFY_SANDBOX_DELAY_SECONDS="0.01") as second:
        eventually(lambda: answers(url))
        eventually(
            lambda: len(client.get_all_notifications(status="delivered")["notifications"]) == 20
        )
        found = [one["id"] for one in client.get_all_notifications()["notifications"]]
        second.terminate()
        assert second.wait(10) in (0, -15)
    assert found == sent[::-1]


def test_a_receipt_still_owed_at_a_kill_is_posted_afterwards(
    tmp_path: Path, client_of: ClientOf, receiver: Receiver, eventually: Eventually
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--state", str(tmp_path), "--delay-seconds", "0.01")
    nobody = f"http://127.0.0.1:{free_port()}/"
    with process(*options, "--callback-url", nobody) as first:
        eventually(lambda: answers(url))
        sent = client_of(url).send_sms_notification("07700900123", FIRST_CONTACT_SMS, VALUES)
        counts = f"{url}/sandbox/counts"
        eventually(lambda: httpx.get(counts).json()["receipts_posted"] == {"no-answer": 1})
        first.kill()
        first.wait()
    with process(*options, NOTIFY_SANDBOX_CALLBACK_URL=receiver.url):
        receipt = receiver.next()["body"]
    assert (receipt["id"], receipt["status"]) == (sent["id"], "delivered")


def test_another_key_can_be_given(
    tmp_path: Path, client_of: ClientOf, eventually: Eventually
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process("--port", str(port), "--state", str(tmp_path), "--api-key", OWN_KEY):
        eventually(lambda: answers(url))
        client_of(url, OWN_KEY).send_sms_notification("07700900123", FIRST_CONTACT_SMS, VALUES)
        assert httpx.get(f"{url}/sandbox/counts").json()["messages"] == 1
