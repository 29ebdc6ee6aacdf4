"""Accepting a message: from the request's bytes to a kept message and Notify's answer."""

import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from notify_sandbox import recipients
from notify_sandbox.errors import bad_request, validation_error
from notify_sandbox.keys import ApiKey
from notify_sandbox.messages import Message
from notify_sandbox.sanitising import sanitised
from notify_sandbox.templates import Catalogue, Kind, Template

FROM_NUMBER = "Firstday"
FROM_EMAIL = "firstday@notifications.service.gov.uk"

Fields = dict[str, Any]
"""A decoded request body: JSON, so its values can be of any kind until they are checked."""

_RECIPIENT_FIELD: Mapping[Kind, str] = {"sms": "phone_number", "email": "email_address"}
_EVERY_KIND: dict[str, type[object]] = {
    "template_id": str,
    "reference": str,
    "personalisation": dict,
}
_ALLOWED: Mapping[Kind, Mapping[str, type[object]]] = {
    "sms": {**_EVERY_KIND, "phone_number": str, "sms_sender_id": str},
    "email": {
        **_EVERY_KIND,
        "email_address": str,
        "email_reply_to_id": str,
        "one_click_unsubscribe_url": str,
        "sanitise_content_for": list,
    },
}
_JSON_NAMES: Mapping[type[object], str] = {str: "string", dict: "object", list: "array"}
_decode = msgspec.json.Decoder().decode


def decode_fields(body: bytes) -> Fields:
    """The request's JSON object, or BadRequestError."""
    try:
        fields = _decode(body)
    except msgspec.DecodeError as error:
        raise bad_request("Invalid JSON supplied in POST data") from error
    if not isinstance(fields, dict):
        raise validation_error(f"{fields} is not of type object")
    return fields


def accept(
    kind: Kind, body: bytes, *, key: ApiKey, catalogue: Catalogue, now: float
) -> tuple[Message, Fields]:
    """The message a request asks for, and the answer's `content` fields; NotifyError if refused.

    Nothing is kept yet: the caller keeps the message unless the recipient is a smoke test's.
    """
    fields = decode_fields(body)
    _check_shape(kind, fields)
    to = fields[_RECIPIENT_FIELD[kind]]
    recipient = _normal(kind, to)
    template = _template(kind, catalogue, fields["template_id"])
    personalisation = fields.get("personalisation", {})
    _check_senders(fields, key)
    _check_files(kind, personalisation)
    cleaned = _cleaned(fields, personalisation)
    subject, text = template.fill(personalisation | cleaned)
    message = Message(
        number=0,
        id=str(uuid.uuid4()),
        reference=fields.get("reference"),
        type=kind,
        key_type=key.key_type,
        to=to,
        recipient=recipient,
        template=template.name,
        template_id=template.id,
        subject=subject,
        body=text,
        unsubscribe_url=fields.get("one_click_unsubscribe_url"),
        created_at=now,
    )
    return message, _changes(personalisation, cleaned)


def answer(message: Message, base_url: str, changed: Fields) -> Fields:
    """The body of Notify's 201."""
    content: Fields = {"body": message.body}
    if message.type == "sms":
        content["from_number"] = FROM_NUMBER
    else:
        content["subject"] = message.subject
        content["from_email"] = FROM_EMAIL
        content["one_click_unsubscribe_url"] = message.unsubscribe_url
    document: Fields = {
        "id": message.id,
        "reference": message.reference,
        "content": content,
        "scheduled_for": None,
        "uri": f"{base_url}/v2/notifications/{message.id}",
        "template": {
            "id": message.template_id,
            "version": Template.version,
            "uri": f"{base_url}/v2/template/{message.template_id}",
        },
    }
    if message.type == "email":
        document["sanitised_content"] = changed
    return document


def _normal(kind: Kind, to: str) -> str:
    return (
        recipients.normal_phone_number(to) if kind == "sms" else recipients.normal_email_address(to)
    )


def _cleaned(fields: Fields, personalisation: Fields) -> dict[str, str]:
    return {
        name: sanitised(str(personalisation[name]))
        for name in fields.get("sanitise_content_for", ())
        if name in personalisation
    }


def _changes(before: Fields, after: Mapping[str, str]) -> Fields:
    return {
        name: {"unsanitised": before[name], "sanitised": value}
        for name, value in after.items()
        if value != before[name]
    }


def _check_shape(kind: Kind, fields: Fields) -> None:
    allowed = _ALLOWED[kind]
    problems = [
        f"{name} is a required property"
        for name in (_RECIPIENT_FIELD[kind], "template_id")
        if name not in fields
    ]
    for name, value in fields.items():
        wanted = allowed.get(name)
        if wanted is None:
            problems.append(f"Additional properties are not allowed ({name} was unexpected)")
        elif not isinstance(value, wanted):
            problems.append(_wrong_type(name, value, wanted))
    template_id = fields.get("template_id")
    if isinstance(template_id, str) and not is_uuid(template_id):
        problems.append("template_id is not a valid UUID")
    unsubscribe = fields.get("one_click_unsubscribe_url", "https://")
    if isinstance(unsubscribe, str) and not unsubscribe.startswith("https://"):
        problems.append("one_click_unsubscribe_url is not a valid https url")
    if problems:
        raise validation_error(*problems)


def _wrong_type(name: str, value: object, wanted: type[object]) -> str:
    if wanted is dict:
        return f"{name} should contain key value pairs"
    return f"{name} {value} is not of type {_JSON_NAMES[wanted]}"


@lru_cache(maxsize=4096)
def is_uuid(text: str) -> bool:
    """Whether Notify would take this text as an id."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _template(kind: Kind, catalogue: Catalogue, template_id: str) -> Template:
    template = catalogue.get(template_id)
    if template is None:
        raise bad_request("Template not found")
    if template.kind != kind:
        raise bad_request(f"{template.kind} template is not suitable for {kind} notification")
    return template


def _check_senders(fields: Fields, key: ApiKey) -> None:
    # The sandbox's service has its default sender only.
    for name in ("sms_sender_id", "email_reply_to_id"):
        if name in fields:
            raise bad_request(
                f"{name} {fields[name]} does not exist in database for service id {key.service_id}"
            )


def _check_files(kind: Kind, personalisation: Fields) -> None:
    if not any(isinstance(value, dict) and "file" in value for value in personalisation.values()):
        return
    if kind != "email":
        raise bad_request("Can only send a file by email")
    raise bad_request(
        "Send files by email has not been set up - add contact details for your service"
    )
