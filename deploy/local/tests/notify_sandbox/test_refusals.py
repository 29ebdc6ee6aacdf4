"""What the sandbox refuses, in the words in which GOV.UK Notify's official client is told."""

import uuid
from collections.abc import Callable

import pytest
from notifications_python_client.errors import HTTPError

from notify_sandbox.templates import CORRECTION_SMS, FIRST_CONTACT_EMAIL, FIRST_CONTACT_SMS
from notify_sandbox.testing import OfficialClient

VALUES = {
    "child": "Amira",
    "school": "Hillside Primary",
    "date": "Monday 7 September",
    "session": "this morning",
}
SMS = {"phone_number": "07700900123", "template_id": FIRST_CONTACT_SMS, "personalisation": VALUES}
EMAIL = {
    "email_address": "parent@example.org",
    "template_id": FIRST_CONTACT_EMAIL,
    "personalisation": VALUES,
}


def refusal(call: Callable[[], object]) -> tuple[int, list[dict[str, str]]]:
    """The status and the errors that a call was refused with."""
    with pytest.raises(HTTPError) as refused:
        call()
    message = refused.value.message
    assert isinstance(message, list)
    return refused.value.status_code, message


def post(client: OfficialClient, kind: str, **body: object) -> Callable[[], object]:
    return lambda: client.post(f"/v2/notifications/{kind}", data=body)


@pytest.mark.parametrize(
    ("kind", "body", "error", "message"),
    [
        (
            "sms",
            SMS | {"personalisation": {"child": "Amira", "date": None}},
            "BadRequestError",
            "Missing personalisation: school, session, date",
        ),
        (
            "sms",
            SMS | {"template_id": str(uuid.UUID(int=1))},
            "BadRequestError",
            "Template not found",
        ),
        (
            "sms",
            SMS | {"template_id": FIRST_CONTACT_EMAIL},
            "BadRequestError",
            "email template is not suitable for sms notification",
        ),
        (
            "sms",
            SMS | {"personalisation": VALUES | {"child": "A" * 900}},
            "BadRequestError",
            (
                "Your message is too long. Text messages cannot be longer than 918 characters. "
                "Your message is 1048 characters long."
            ),
        ),
        (
            "sms",
            SMS | {"personalisation": VALUES | {"child": {"file": "eA=="}}},
            "BadRequestError",
            "Can only send a file by email",
        ),
        (
            "email",
            EMAIL | {"personalisation": VALUES | {"child": {"file": "eA=="}}},
            "BadRequestError",
            "Send files by email has not been set up - add contact details for your service",
        ),
        ("sms", SMS | {"template_id": "x"}, "ValidationError", "template_id is not a valid UUID"),
        (
            "sms",
            SMS | {"personalisation": ["Amira"]},
            "ValidationError",
            "personalisation should contain key value pairs",
        ),
        ("sms", SMS | {"reference": 7}, "ValidationError", "reference 7 is not of type string"),
        (
            "sms",
            SMS | {"email_address": "parent@example.org"},
            "ValidationError",
            "Additional properties are not allowed (email_address was unexpected)",
        ),
        (
            "sms",
            SMS | {"phone_number": "+33 6 12 34 56 78"},
            "BadRequestError",
            "Cannot send to international mobile numbers",
        ),
        (
            "email",
            EMAIL | {"email_address": "parent@example"},
            "ValidationError",
            "email_address Not a valid email address",
        ),
        (
            "email",
            EMAIL | {"one_click_unsubscribe_url": "http://example.org"},
            "ValidationError",
            "one_click_unsubscribe_url is not a valid https url",
        ),
    ],
)
def test_a_wrong_send_is_refused_in_notifys_words(
    client: OfficialClient, kind: str, body: dict[str, object], error: str, message: str
) -> None:
    assert refusal(post(client, kind, **body)) == (400, [{"error": error, "message": message}])
    assert client.get_all_notifications()["notifications"] == []


def test_every_missing_field_is_named(client: OfficialClient) -> None:
    assert refusal(post(client, "sms", reference="a")) == (
        400,
        [
            {"error": "ValidationError", "message": "phone_number is a required property"},
            {"error": "ValidationError", "message": "template_id is a required property"},
        ],
    )


def test_an_unknown_sender_is_refused(client: OfficialClient) -> None:
    sender = str(uuid.UUID(int=2))
    status, errors = refusal(post(client, "sms", **SMS, sms_sender_id=sender))
    assert status == 400
    assert errors[0]["message"].startswith(f"sms_sender_id {sender} does not exist")


def test_what_does_not_exist_is_not_found(client: OfficialClient) -> None:
    unknown = str(uuid.UUID(int=3))
    missing = (404, [{"error": "NoResultFound", "message": "No result found"}])
    assert refusal(lambda: client.get_notification_by_id(unknown)) == missing
    assert refusal(lambda: client.get_template(unknown)) == missing
    assert refusal(lambda: client.get_template_version(CORRECTION_SMS, 2)) == missing
    assert client.get_all_notifications(older_than=unknown)["notifications"] == []


def test_a_wrong_query_is_refused(client: OfficialClient) -> None:
    def error(message: str) -> tuple[int, list[dict[str, str]]]:
        return 400, [{"error": "ValidationError", "message": message}]

    bad_id = error("id is not a valid UUID")
    assert refusal(lambda: client.get_notification_by_id("x")) == bad_id
    assert refusal(lambda: client.get_template("x")) == bad_id
    assert refusal(lambda: client.get_all_notifications(older_than="x")) == error(
        "older_than is not a valid UUID"
    )
    assert refusal(lambda: client.get_all_notifications(template_type="fax")) == error(
        "template_type fax is not one of [sms, email, letter]"
    )
    assert refusal(lambda: client.get_all_templates("fax")) == error(
        "type fax is not one of [sms, email, letter]"
    )
    assert refusal(lambda: client.post_template_preview(CORRECTION_SMS, [])) == error(
        "personalisation should contain key value pairs"
    )
    status, errors = refusal(lambda: client.get_all_notifications(status="lost"))
    assert status == 400
    assert errors[0]["message"].startswith("status lost is not one of [cancelled, created,")
