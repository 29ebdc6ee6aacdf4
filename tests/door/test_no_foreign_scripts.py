"""What a service shows of itself comes from itself: no answer names a script, or another's page."""

import re

import httpx
import pytest

from attendance_runtime.process import Service
from attendance_runtime.web import docs_page
from attendance_runtime.web.edge import document
from escalation_service.main import SERVICE as ESCALATION
from notification_service.main import SERVICE as NOTIFICATION
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

LOADS = re.compile(
    r"<(script|link|img|iframe|object|embed|style)\b|\b(src|on[a-z]+)=|url\(", re.IGNORECASE
)
PATHS = ("/docs", "/redoc", "/docs/oauth2-redirect", "/openapi.json", "/", "/v1/nothing")


@pytest.mark.parametrize(
    "service", [REGISTER, NOTIFICATION, ESCALATION, REPORTING], ids=lambda service: service.name
)
async def test_no_answer_names_a_foreign_script(service: Service) -> None:
    app = document(service.name, service.routers)
    docs_page.install(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x.example.org") as client:
        answers = {path: await client.get(path) for path in PATHS}
    for answer in answers.values():
        assert "script-src" not in answer.headers["content-security-policy"]
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        if "html" in answer.headers["content-type"]:
            assert LOADS.findall(answer.text) == []
    assert answers["/docs"].status_code == answers["/openapi.json"].status_code == 200
    assert answers["/redoc"].status_code == answers["/docs/oauth2-redirect"].status_code == 404
    assert answers["/docs"].text.count("<tr>") == 1 + sum(
        method in operations
        for operations in answers["/openapi.json"].json()["paths"].values()
        for method in ("get", "put", "post", "patch", "delete")
    )


def test_what_a_document_says_is_text_on_the_page() -> None:
    operation = {"get": {"summary": "<script>alert(1)</script>"}}
    shown = docs_page.page({"info": {"title": "<b>", "version": "1"}, "paths": {"/<i>": operation}})
    assert LOADS.findall(shown) == []
    assert "<b>" not in shown
    assert "<i>" not in shown
