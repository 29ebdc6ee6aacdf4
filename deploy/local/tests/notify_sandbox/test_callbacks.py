"""Delivery receipts, and Notify's rules for trying them again."""

import socket
import threading
import uuid
from collections.abc import Callable
from typing import Protocol

import pytest

from notify_sandbox.templates import FIRST_CONTACT_EMAIL, FIRST_CONTACT_SMS
from notify_sandbox.testing import Document, OfficialClient, RunningSandbox

VALUES = {"child": "Amira", "school": "Hillside", "date": "7 September", "session": "this morning"}
Eventually = Callable[[Callable[[], bool]], None]


class Receiver(Protocol):
    """What these tests use of the `receiver` fixture."""

    def answers(self, *statuses: int) -> None: ...
    def next(self) -> Document: ...
    def gets_nothing_for(self, seconds: float) -> bool: ...


def send(client: OfficialClient, reference: str = "attempt-1") -> str:
    sent = client.send_sms_notification(
        "07700 900123", FIRST_CONTACT_SMS, VALUES, reference=reference
    )
    message_id: str = sent["id"]
    return message_id


def ended(sandbox: RunningSandbox) -> str | None:
    receipt: str | None = sandbox.messages()[0]["receipt"]
    return receipt


def test_a_receipt_is_posted_as_notify_documents_it(
    client: OfficialClient,
    receiver: Receiver,
    sandbox: RunningSandbox,
    eventually: Eventually,
) -> None:
    message_id = send(client)
    receipt = receiver.next()
    assert receipt["path"] == "/receipts?from=notify"
    assert receipt["headers"]["authorization"] == "Bearer our-own-token"
    assert receipt["headers"]["content-type"] == "application/json"
    found = client.get_notification_by_id(message_id)
    assert receipt["body"] == {
        "id": message_id,
        "reference": "attempt-1",
        "to": "07700 900123",
        "status": "delivered",
        "created_at": found["created_at"],
        "completed_at": found["completed_at"],
        "sent_at": found["sent_at"],
        "notification_type": "sms",
        "template_id": FIRST_CONTACT_SMS,
        "template_version": 1,
    }
    eventually(lambda: ended(sandbox) == "acknowledged")


def test_a_failure_is_reported_too(
    client_with_test_key: OfficialClient, receiver: Receiver
) -> None:
    client_with_test_key.send_email_notification(
        "temp-fail@simulator.notify", FIRST_CONTACT_EMAIL, VALUES
    )
    body = receiver.next()["body"]
    assert (body["status"], body["reference"]) == ("temporary-failure", None)


@pytest.mark.parametrize("status", [500, 503, 429, 0])
def test_a_receiver_that_cannot_take_it_gets_it_again(
    client: OfficialClient,
    receiver: Receiver,
    sandbox: RunningSandbox,
    eventually: Eventually,
    status: int,
) -> None:
    receiver.answers(status, status)
    send(client)
    receipts = [receiver.next()["body"] for _ in range(3)]
    assert receipts[0] == receipts[1] == receipts[2]
    eventually(lambda: ended(sandbox) == "acknowledged")
    assert receiver.gets_nothing_for(0.2)


@pytest.mark.parametrize("status", [400, 401, 404, 409])
def test_any_other_refusal_ends_it(
    client: OfficialClient,
    receiver: Receiver,
    sandbox: RunningSandbox,
    eventually: Eventually,
    status: int,
) -> None:
    receiver.answers(status)
    send(client)
    receiver.next()
    eventually(lambda: ended(sandbox) == "refused")
    assert receiver.gets_nothing_for(0.2)


def test_after_five_retries_it_is_given_up(
    client: OfficialClient,
    receiver: Receiver,
    sandbox: RunningSandbox,
    eventually: Eventually,
) -> None:
    receiver.answers(*[503] * 10)
    send(client)
    for _ in range(6):
        receiver.next()
    eventually(lambda: ended(sandbox) == "given-up")
    assert receiver.gets_nothing_for(0.2)
    assert sandbox.counts()["receipts_posted"] == {"5xx": 6}


def test_a_receiver_that_is_not_there_is_tried_again_when_it_is(
    client: OfficialClient,
    receiver: Receiver,
    sandbox: RunningSandbox,
    eventually: Eventually,
) -> None:
    callback = sandbox.http.get("/sandbox/switches").json()["callback"]
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    sandbox.switch("callback", url=f"http://127.0.0.1:{port}/", retry_seconds=0.05, retries=1000)
    send(client)
    eventually(lambda: sandbox.counts()["receipts_posted"].get("no-answer", 0) > 1)
    sandbox.switch("callback", url=callback["url"], retries=1000)
    assert receiver.next()["body"]["reference"] == "attempt-1"


def test_a_receiver_that_is_silent_is_left_after_the_time_out(
    client: OfficialClient, sandbox: RunningSandbox, eventually: Eventually
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        sandbox.switch("callback", url=url, timeout_seconds=0.05, retry_seconds=0.01, retries=2)
        send(client)
        eventually(lambda: ended(sandbox) == "given-up")
    assert sandbox.counts()["receipts_posted"] == {"no-answer": 3}


def test_a_kept_connection_that_the_receiver_closed_is_no_failed_attempt(
    client: OfficialClient, sandbox: RunningSandbox, eventually: Eventually
) -> None:
    answer = b"HTTP/1.1 204 No Content\r\n\r\n"  # keeps the connection, then closes it all the same
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _ in range(40):
                connection, _address = listener.accept()
                with connection:
                    if not connection.recv(65536):
                        continue
                    connection.sendall(answer)

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        sandbox.switch("callback", url=f"http://127.0.0.1:{listener.getsockname()[1]}/")
        for _ in range(40):
            send(client)
        server.join(10)
        eventually(lambda: sandbox.counts()["receipts_posted"] == {"2xx": 40})


def test_without_a_callback_nothing_is_owed(
    client: OfficialClient, sandbox: RunningSandbox, eventually: Eventually
) -> None:
    send(client)
    eventually(lambda: ended(sandbox) == "not-asked-for")
    assert sandbox.counts()["receipts_posted"] == {}


def test_a_smoke_test_has_no_receipt(client: OfficialClient, receiver: Receiver) -> None:
    client.send_sms_notification("07700900111", FIRST_CONTACT_SMS, VALUES)
    assert receiver.gets_nothing_for(0.3)


def test_an_early_receipt_comes_before_the_answer(
    client: OfficialClient, sandbox: RunningSandbox, receiver: Receiver
) -> None:
    sandbox.switch("receipts", mode="early", count=1)
    early = send(client)
    assert ended(sandbox) == "acknowledged"
    assert receiver.next()["body"]["id"] == early
    assert sandbox.http.get("/sandbox/switches").json()["receipts"]["mode"] == "normal"


def test_a_late_receipt_takes_its_time(
    client: OfficialClient, sandbox: RunningSandbox, receiver: Receiver
) -> None:
    sandbox.switch("receipts", mode="late", seconds=0.5)
    message_id = send(client)
    assert receiver.gets_nothing_for(0.3)
    assert client.get_notification_by_id(message_id)["status"] == "delivered"
    assert receiver.next()["body"]["id"] == message_id


def test_a_receipt_can_come_twice(
    client: OfficialClient, sandbox: RunningSandbox, receiver: Receiver
) -> None:
    sandbox.switch("receipts", mode="twice")
    send(client)
    assert receiver.next()["body"] == receiver.next()["body"]
    assert receiver.gets_nothing_for(0.2)


def test_a_receipt_can_never_come(
    client: OfficialClient, sandbox: RunningSandbox, receiver: Receiver
) -> None:
    sandbox.switch("receipts", mode="never", count=1)
    send(client, reference=str(uuid.UUID(int=1)))
    assert receiver.gets_nothing_for(0.3)
    assert ended(sandbox) == "withheld"
    send(client)
    assert receiver.next()["body"]["reference"] == "attempt-1"


def test_forgotten_messages_send_no_receipts(
    client: OfficialClient, sandbox: RunningSandbox, receiver: Receiver
) -> None:
    sandbox.switch("delivery", delay_seconds=0.2)
    send(client)
    assert sandbox.http.delete("/sandbox/messages").json() == {"forgotten": 1}
    assert receiver.gets_nothing_for(0.5)
