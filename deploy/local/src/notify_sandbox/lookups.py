"""`GET /v2/notifications/{id}` and `GET /v2/notifications`."""

from collections.abc import Iterable
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request

from notify_sandbox.errors import bad_request, no_result_found, validation_error
from notify_sandbox.keys import ApiKey
from notify_sandbox.messages import Message, notify_time
from notify_sandbox.request_parts import BaseUrl, TheKey, TheSandbox
from notify_sandbox.sandbox import Sandbox
from notify_sandbox.sending import is_uuid
from notify_sandbox.templates import Template

PAGE_SIZE = 250
STATUSES = (
    "cancelled",
    "created",
    "sending",
    "sent",
    "delivered",
    "pending",
    "failed",
    "technical-failure",
    "temporary-failure",
    "permanent-failure",
    "pending-virus-check",
    "validation-failed",
    "virus-scan-failed",
    "returned-letter",
    "accepted",
    "received",
)
_FAILED = frozenset({"technical-failure", "temporary-failure", "permanent-failure"})

Document = dict[str, Any]
"""A JSON object of Notify's: strings, numbers, null and nested objects."""

router = APIRouter(prefix="/v2", tags=["GOV.UK Notify"])


@router.get("/notifications/{notification_id}")
async def read_notification(
    notification_id: str, sandbox: TheSandbox, _key: TheKey, base_url: BaseUrl
) -> Document:
    """One message and its status."""
    if not is_uuid(notification_id):
        raise validation_error("id is not a valid UUID")
    message = sandbox.store.get(notification_id.lower())
    if message is None:
        raise no_result_found()
    return notification(message, base_url)


@router.get("/notifications")
async def list_notifications(
    request: Request, sandbox: TheSandbox, key: TheKey, base_url: BaseUrl
) -> Document:
    """A page of the messages sent with keys of this type, newest first."""
    query = _Query(request)
    found = list(islice(query.matching(sandbox, key), PAGE_SIZE))
    links = {"current": query.link(base_url)}
    if found:
        links["next"] = query.link(base_url, older_than=found[-1].id)
    return {"notifications": [notification(one, base_url) for one in found], "links": links}


@router.post("/notifications/letter")
async def refuse_letter(_key: TheKey) -> Document:
    """The sandbox's service sends texts and emails only."""
    raise bad_request("Service is not allowed to send letters")


class _Query:
    """The filters of `GET /v2/notifications`, checked."""

    def __init__(self, request: Request) -> None:
        query = request.query_params
        self._pairs = query.multi_items()
        self._types = query.getlist("template_type")
        self._statuses = query.getlist("status")
        self._reference = query.get("reference")
        self._older_than = query.get("older_than")
        self._check()

    def _check(self) -> None:
        kinds = ("sms", "email", "letter")
        problems = [
            f"template_type {kind} is not one of [{', '.join(kinds)}]"
            for kind in self._types
            if kind not in kinds
        ]
        problems += [
            f"status {status} is not one of [{', '.join(STATUSES)}]"
            for status in self._statuses
            if status not in STATUSES
        ]
        if self._older_than is not None and not is_uuid(self._older_than):
            problems.append("older_than is not a valid UUID")
        if problems:
            raise validation_error(*problems)

    def matching(self, sandbox: Sandbox, key: ApiKey) -> Iterable[Message]:
        """The messages asked for, newest first."""
        statuses = set(self._statuses)
        if "failed" in statuses:
            statuses |= _FAILED
        return (
            message
            for message in self._candidates(sandbox)
            if message.key_type == key.key_type
            and (not self._types or message.type in self._types)
            and (not statuses or message.status in statuses)
        )

    def _candidates(self, sandbox: Sandbox) -> Iterable[Message]:
        before: int | None = None
        if self._older_than is not None:
            oldest = sandbox.store.get(self._older_than.lower())
            if oldest is None:
                return ()
            before = oldest.number
        if self._reference is None:
            return sandbox.store.newest_first(before=before)
        same = sandbox.store.with_reference(self._reference)
        return (one for one in reversed(same) if before is None or one.number < before)

    def link(self, base_url: str, older_than: str | None = None) -> str:
        """The address of this page, or of the next."""
        pairs = [(name, value) for name, value in self._pairs if name != "older_than"]
        older_than = older_than or self._older_than
        if older_than:
            pairs.append(("older_than", older_than))
        return f"{base_url}/v2/notifications" + (f"?{urlencode(pairs)}" if pairs else "")


def notification(message: Message, base_url: str) -> Document:
    """Notify's document of one message. A message of the sandbox costs nothing."""
    is_sms = message.type == "sms"
    template = f"{base_url}/v2/template/{message.template_id}/version/{Template.version}"
    address = {f"line_{line}": None for line in range(1, 7)}
    return {
        "id": message.id,
        "reference": message.reference,
        "email_address": None if is_sms else message.to,
        "phone_number": message.to if is_sms else None,
        **address,
        "postcode": None,
        "postage": None,
        "type": message.type,
        "status": message.status,
        "template": {"id": message.template_id, "version": Template.version, "uri": template},
        "body": message.body,
        "subject": message.subject,
        "created_at": notify_time(message.created_at),
        "created_by_name": None,
        "sent_at": notify_time(message.sent_at),
        "completed_at": notify_time(message.completed_at),
        "scheduled_for": None,
        "one_click_unsubscribe_url": message.unsubscribe_url,
        "is_cost_data_ready": True,
        "cost_in_pounds": 0.0,
        "cost_details": {},
        "uri": f"{base_url}/v2/notifications/{message.id}",
    }
