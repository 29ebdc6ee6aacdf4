"""The sandbox's own lists and counts."""

from collections.abc import Callable

import pytest
from notifications_python_client.errors import HTTPError

from notify_sandbox.templates import CORRECTION_EMAIL, FIRST_CONTACT_SMS
from notify_sandbox.testing import OfficialClient, RunningSandbox

VALUES = {"child": "Amira", "school": "Hillside", "date": "7 September", "session": "this morning"}
Eventually = Callable[[Callable[[], bool]], None]


@pytest.fixture
def three_messages(client: OfficialClient) -> None:
    for number, reference in (("07700 900123", "a"), ("+447700900124", "b")):
        client.send_sms_notification(number, FIRST_CONTACT_SMS, VALUES, reference=reference)
    client.send_email_notification("Parent@example.org", CORRECTION_EMAIL, VALUES, reference="a")


@pytest.mark.usefixtures("three_messages")
def test_messages_are_listed_newest_first(sandbox: RunningSandbox) -> None:
    newest, *_ = sandbox.messages()
    assert [message["to"] for message in sandbox.messages()] == [
        "Parent@example.org",
        "+447700900124",
        "07700 900123",
    ]
    assert newest["recipient"] == "parent@example.org"
    assert newest["template"] == "correction"
    assert newest["subject"] == "Please ignore our message about Amira on 7 September"


@pytest.mark.usefixtures("three_messages")
def test_messages_are_filtered_by_recipient_and_reference(sandbox: RunningSandbox) -> None:
    def numbers(**query: str) -> list[int]:
        return [message["number"] for message in sandbox.messages(**query)]

    assert numbers(recipient="07700900123") == numbers(recipient="447700900123") == [1]
    assert numbers(recipient="PARENT@example.org") == [3]
    assert numbers(reference="a") == [3, 1]
    assert numbers(reference="a", recipient="07700 900123") == [1]
    assert numbers(reference="none") == numbers(recipient="nobody") == []


@pytest.mark.usefixtures("three_messages")
def test_a_long_list_is_read_page_by_page(sandbox: RunningSandbox) -> None:
    def page(**query: int | str) -> tuple[list[int], int | None]:
        answer = sandbox.http.get("/sandbox/messages", params=query).json()
        return [message["number"] for message in answer["messages"]], answer["next"]

    assert page(limit=2) == ([3, 2], 2)
    assert page(limit=2, before=2) == ([1], None)
    assert page(limit=3) == ([3, 2, 1], None)
    assert page(limit=1, reference="a") == ([3], 3)
    assert page(limit=1, reference="a", before=3) == ([1], None)


@pytest.mark.usefixtures("three_messages")
def test_messages_are_counted(sandbox: RunningSandbox, eventually: Eventually) -> None:
    eventually(lambda: sandbox.counts()["status"] == {"delivered": 3})
    assert sandbox.counts() == {
        "messages": 3,
        "recipients": 3,
        "refused": 0,
        "repeated_references": 1,
        "status": {"delivered": 3},
        "type": {"email": 1, "sms": 2},
        "template": {"correction": 1, "first-contact": 2},
        "receipts_posted": {},
    }


@pytest.mark.usefixtures("three_messages")
def test_forgetting_leaves_nothing(sandbox: RunningSandbox) -> None:
    sandbox.http.delete("/sandbox/messages")
    assert sandbox.messages() == []
    assert sandbox.counts()["messages"] == sandbox.counts()["recipients"] == 0
    assert sandbox.counts()["status"] == {}


def test_a_send_that_is_refused_has_arrived_all_the_same(
    client: OfficialClient, sandbox: RunningSandbox
) -> None:
    before = sandbox.counts()["refused"]
    with pytest.raises(HTTPError):
        client.send_sms_notification("020 7946 0000", FIRST_CONTACT_SMS, VALUES)
    assert sandbox.counts()["refused"] == before + 1
