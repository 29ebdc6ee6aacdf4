"""GOV.UK Notify's official Python client, unchanged, against the sandbox."""

import uuid
from collections.abc import Callable

import pytest
from notifications_python_client.errors import HTTPError

from notify_sandbox.templates import (
    FIRST_CONTACT_EMAIL,
    FIRST_CONTACT_SIBLINGS_EMAIL,
    FIRST_CONTACT_SIBLINGS_SMS,
    FIRST_CONTACT_SMS,
)
from notify_sandbox.testing import Document, OfficialClient, RunningSandbox

VALUES = {
    "child": "Amira",
    "school": "Hillside Primary",
    "date": "Monday 7 September",
    "session": "this morning",
}
Eventually = Callable[[Callable[[], bool]], None]


def text(client: OfficialClient, reference: str = "") -> Document:
    """One accepted first-contact text."""
    sent: Document = client.send_sms_notification(
        "07700900123", FIRST_CONTACT_SMS, VALUES, reference=reference
    )
    return sent


def test_a_text_is_accepted_and_answered_as_notify_does(
    sandbox: RunningSandbox, client: OfficialClient
) -> None:
    answer = client.send_sms_notification("07700 900123", FIRST_CONTACT_SMS, VALUES, reference="a")
    assert uuid.UUID(answer.pop("id")).version == 4
    assert answer.pop("uri").startswith(f"{sandbox.url}/v2/notifications/")
    assert answer == {
        "reference": "a",
        "content": {
            "body": "Hillside Primary: Amira was marked absent this morning on Monday 7 September "
            "and we do not know why. Please contact the school office as soon as you can.",
            "from_number": "Firstday",
        },
        "scheduled_for": None,
        "template": {
            "id": FIRST_CONTACT_SMS,
            "version": 1,
            "uri": f"{sandbox.url}/v2/template/{FIRST_CONTACT_SMS}",
        },
    }


def test_an_email_is_accepted_with_its_subject(client: OfficialClient) -> None:
    answer = client.send_email_notification(
        "Parent@Example.org",
        FIRST_CONTACT_EMAIL,
        VALUES,
        one_click_unsubscribe_url="https://example.org/stop",
    )
    content = answer["content"]
    assert content["subject"] == "Amira is absent from Hillside Primary on Monday 7 September"
    assert content["body"].startswith("Hello,\n\nAmira was marked absent")
    assert content["from_email"] == "firstday@notifications.service.gov.uk"
    assert content["one_click_unsubscribe_url"] == "https://example.org/stop"
    assert answer["reference"] is None
    assert answer["sanitised_content"] == {}


def test_a_value_that_is_not_trusted_loses_its_links(client: OfficialClient) -> None:
    said = "Amira [click](https://example.org/x)"
    answer = client.send_email_notification(
        "parent@example.org",
        FIRST_CONTACT_EMAIL,
        VALUES | {"child": said},
        sanitise_content_for=["child", "school", "unknown"],
    )
    cleaned = r"Amira \[click\]\(\)"
    assert answer["sanitised_content"] == {"child": {"unsanitised": said, "sanitised": cleaned}}
    assert cleaned in answer["content"]["body"]


def test_a_sent_text_is_found_by_its_id_and_becomes_delivered(
    client: OfficialClient, eventually: Eventually
) -> None:
    sent = client.send_sms_notification("07700 900123", FIRST_CONTACT_SMS, VALUES, reference="a")
    eventually(lambda: client.get_notification_by_id(sent["id"])["status"] == "delivered")
    found = client.get_notification_by_id(sent["id"])
    assert found["phone_number"] == "07700 900123"
    assert found["email_address"] is None
    assert found["type"] == "sms"
    assert found["body"] == sent["content"]["body"]
    assert found["reference"] == "a"
    assert found["created_at"] < found["sent_at"] < found["completed_at"]
    assert found["template"]["uri"].endswith(f"/v2/template/{FIRST_CONTACT_SMS}/version/1")


def test_a_message_is_found_by_its_reference_alone(
    sandbox: RunningSandbox, client: OfficialClient
) -> None:
    first = text(client, "attempt-1")
    text(client, "attempt-2")
    second = text(client, "attempt-1")
    found = client.get_all_notifications(reference="attempt-1")["notifications"]
    assert [one["id"] for one in found] == [second["id"], first["id"]]
    assert client.get_all_notifications(reference="attempt-3") == {
        "notifications": [],
        "links": {"current": f"{sandbox.url}/v2/notifications?reference=attempt-3"},
    }


def test_messages_come_newest_first_in_pages_of_250(
    client: OfficialClient,
) -> None:
    sent = [text(client)["id"] for _ in range(260)]
    first_page = client.get_all_notifications()
    assert len(first_page["notifications"]) == 250
    assert first_page["links"]["next"].endswith(f"older_than={sent[10]}")
    assert [one["id"] for one in client.get_all_notifications_iterator()] == sent[::-1]


def test_messages_are_listed_by_type_and_status(
    client: OfficialClient,
    client_with_test_key: OfficialClient,
    eventually: Eventually,
) -> None:
    client.send_email_notification("parent@example.org", FIRST_CONTACT_EMAIL, VALUES)
    for number in ("07700900002", "07700900003", "07700900004"):
        client_with_test_key.send_sms_notification(number, FIRST_CONTACT_SMS, VALUES)
    for email in ("perm-fail@simulator.notify", "temp-fail@simulator.notify"):
        client_with_test_key.send_email_notification(email, FIRST_CONTACT_EMAIL, VALUES)

    def numbers(template_type: str = "", *, status: str | list[str]) -> list[str]:
        found = client_with_test_key.get_all_notifications(
            template_type=template_type, status=status
        )["notifications"]
        return [one["phone_number"] or one["email_address"] for one in found]

    eventually(lambda: not numbers(status=["created", "sending"]))
    assert numbers(template_type="sms", status="delivered") == ["07700900004"]
    assert numbers(status="permanent-failure") == ["perm-fail@simulator.notify", "07700900002"]
    assert numbers(status=["temporary-failure"], template_type="sms") == ["07700900003"]
    assert len(numbers(status="failed")) == 4


def test_each_type_of_key_lists_its_own_messages(
    client: OfficialClient, client_with_test_key: OfficialClient
) -> None:
    live = text(client)
    assert client_with_test_key.get_all_notifications()["notifications"] == []
    assert client_with_test_key.get_notification_by_id(live["id"])["id"] == live["id"]


def test_templates_are_listed_read_and_previewed(client: OfficialClient) -> None:
    assert {one["type"] for one in client.get_all_templates()["templates"]} == {"sms", "email"}
    texts = client.get_all_templates("sms")["templates"]
    assert {one["type"] for one in texts} == {"sms"}
    template = client.get_template(FIRST_CONTACT_SMS)
    assert template in texts
    assert template["personalisation"].keys() == VALUES.keys()
    assert client.get_template_version(FIRST_CONTACT_SMS, 1) == template
    preview = client.post_template_preview(FIRST_CONTACT_EMAIL, VALUES)
    assert preview["subject"] == "Amira is absent from Hillside Primary on Monday 7 September"
    assert "((" not in preview["body"]
    assert client.get_all_notifications()["notifications"] == []


def test_a_list_of_children_reads_as_a_sentence_in_a_text_and_as_bullets_in_an_email(
    client: OfficialClient,
) -> None:
    values = VALUES | {"children": ["Amira", "Bilal", "Cass"]}
    text = client.send_sms_notification("07700900123", FIRST_CONTACT_SIBLINGS_SMS, values)
    assert "Amira, Bilal and Cass were marked absent" in text["content"]["body"]
    email = client.send_email_notification(
        "parent@example.org", FIRST_CONTACT_SIBLINGS_EMAIL, values
    )
    assert "\n\n* Amira\n* Bilal\n* Cass" in email["content"]["body"]


@pytest.mark.parametrize("number", ["07700900000", "+44 7700 900111", "447700900222"])
def test_a_smoke_test_is_answered_but_not_kept(client: OfficialClient, number: str) -> None:
    sent = client.send_sms_notification(number, FIRST_CONTACT_SMS, VALUES)
    with pytest.raises(HTTPError) as refused:
        client.get_notification_by_id(sent["id"])
    assert refused.value.status_code == 404
    assert client.get_all_notifications()["notifications"] == []


def test_a_live_key_reaches_the_simulators_numbers_like_any_other(
    client: OfficialClient, eventually: Eventually
) -> None:
    sent = client.send_sms_notification("07700900002", FIRST_CONTACT_SMS, VALUES)
    eventually(lambda: client.get_notification_by_id(sent["id"])["status"] == "delivered")
