"""`GET /v2/template/{id}`, `GET /v2/templates` and the preview."""

from typing import Any

from fastapi import APIRouter, Request

from notify_sandbox.errors import no_result_found, validation_error
from notify_sandbox.request_parts import TheKey, TheSandbox
from notify_sandbox.sandbox import Sandbox
from notify_sandbox.sending import decode_fields, is_uuid
from notify_sandbox.templates import Template

_CREATED = "2026-09-01T08:00:00.000000Z"

Document = dict[str, Any]
"""A JSON object of Notify's: strings, numbers, null and nested objects."""

router = APIRouter(prefix="/v2", tags=["GOV.UK Notify"])


@router.get("/templates")
async def list_templates(
    sandbox: TheSandbox,
    _key: TheKey,
    type: str | None = None,  # noqa: A002 - Notify's name
) -> Document:
    """Every template, or those of one `type`."""
    if type not in (None, "sms", "email", "letter"):
        raise validation_error(f"type {type} is not one of [sms, email, letter]")
    return {"templates": [_template(one) for one in sandbox.catalogue.of_kind(type)]}


@router.get("/template/{template_id}")
@router.get("/template/{template_id}/version/{version}")
async def read_template(
    template_id: str, sandbox: TheSandbox, _key: TheKey, version: str = str(Template.version)
) -> Document:
    """One template; the sandbox has version 1 of each."""
    if version != str(Template.version):
        raise no_result_found()
    return _template(_find_template(sandbox, template_id))


@router.post("/template/{template_id}/preview")
async def preview_template(
    template_id: str, request: Request, sandbox: TheSandbox, _key: TheKey
) -> Document:
    """The template filled in with a personalisation, without sending anything."""
    fields = decode_fields(await request.body() or b"{}")
    personalisation = fields.get("personalisation", {})
    if not isinstance(personalisation, dict):
        raise validation_error("personalisation should contain key value pairs")
    template = _find_template(sandbox, template_id)
    subject, body = template.fill(personalisation)
    return {
        "id": template.id,
        "type": template.kind,
        "version": template.version,
        "body": body,
        "subject": subject,
        "html": None,
        "postage": None,
    }


def _find_template(sandbox: Sandbox, template_id: str) -> Template:
    if not is_uuid(template_id):
        raise validation_error("id is not a valid UUID")
    template = sandbox.catalogue.get(template_id.lower())
    if template is None:
        raise no_result_found()
    return template


def _template(template: Template) -> Document:
    return {
        "id": template.id,
        "name": template.name,
        "type": template.kind,
        "created_at": _CREATED,
        "updated_at": None,
        "version": template.version,
        "created_by": "firstday@example.org",
        "body": template.body.text,
        "subject": template.subject.text if template.subject else None,
        "letter_contact_block": None,
        "postage": None,
        "personalisation": {name: {"required": True} for name in template.placeholders},
    }
