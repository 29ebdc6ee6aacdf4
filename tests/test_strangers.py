"""Deny is the default: every route of every service, tried by people it is not for."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from attendance_runtime.http import document
from escalation_service.main import SERVICE as ESCALATION
from notification_service.main import SERVICE as NOTIFICATION
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

SERVICES = {
    "register": REGISTER,
    "notification": NOTIFICATION,
    "escalation": ESCALATION,
    "reporting": REPORTING,
}
EVERY_SCOPE = (
    "school.write school.read calendar.write roll.write roll.read care.write care.read bulk.read "
    "register.write register.read mark.amend child.read caseload.read case.read case.write "
    "contact.read contacts.eligible"
)
# Notify's own callback, which has a token of its own kind.
CALLBACK = "/v1/notify/receipts"


def routes() -> Iterator[tuple[str, str, str]]:
    """Name every route by service, method and path template, from the OpenAPI documents."""
    for name, service in SERVICES.items():
        for path, methods in document(name, service.routers).openapi()["paths"].items():
            yield from ((name, method.upper(), path) for method in methods)


ROUTES = sorted(routes())
PERSONAL = [route for route in ROUTES if route[2] != CALLBACK]
NAMES = [" ".join(route) for route in PERSONAL]


async def ask(platform: Any, route: tuple[str, str, str], token: str | None, **at: str) -> Any:
    service, method, template = route
    path = template.format_map(Anything(at))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body: dict[str, Any] | None = None if method == "GET" else {}
    async with httpx.AsyncClient() as http:
        url = platform.api(service) + path
        return await http.request(method, url, json=body, headers=headers)


class Anything(dict[str, str]):
    """Path parameters: the ones given, and for all others an id that nobody has."""

    def __missing__(self, name: str) -> str:
        return str(uuid4())


def test_there_are_routes_to_try() -> None:
    assert {route[0] for route in ROUTES} == set(SERVICES)
    assert len(PERSONAL) >= 25


@pytest.mark.parametrize("route", PERSONAL, ids=NAMES)
async def test_nobody_gets_in_without_a_token(platform: Any, route: tuple[str, str, str]) -> None:
    answer = await ask(platform, route, None)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_callback_has_a_token_of_its_own(platform: Any) -> None:
    answer = await ask(platform, ("notification", "POST", CALLBACK), "wrong")
    assert answer.status_code in {401, 403, 503}


@pytest.mark.parametrize("route", PERSONAL, ids=NAMES)
async def test_a_token_without_the_scope_is_refused(
    platform: Any, route: tuple[str, str, str]
) -> None:
    await platform.add_client("idle", sub="idle", org="school:999999", scopes="nothing")
    answer = await ask(platform, route, await platform.token("idle"))
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


STRANGERS = {
    "another school's office": ("stranger-office", "school:999999"),
    "another authority": ("stranger-authority", "authority:894"),
    "an unallocated worker": ("stranger-worker", "authority:894"),
}


@pytest.mark.parametrize("who", STRANGERS, ids=list(STRANGERS))
async def test_a_stranger_with_every_scope_sees_and_changes_nothing(
    platform: Any, a_school: Callable[..., Awaitable[Any]], who: str
) -> None:
    school = await a_school()
    worker = await school.allocate(0)
    await school.at("09:30")
    await school.send("N/")
    subject, organisation = STRANGERS[who]
    await platform.add_client(subject, sub=subject, org=organisation, scopes=EVERY_SCOPE)
    token = await platform.token(subject)
    at = {
        "urn": school.urn,
        "enrolment_id": school.pupils[0]["enrolment_id"],
        "child_id": school.pupils[0]["child_id"],
        "day": str(school.monday),
        "date": str(school.monday),
        "session_name": "AM",
        "class_code": "1A",
        "school_year": "2026",
        "worker": worker,
    }
    leaks = []
    for route in PERSONAL:
        answer = await ask(platform, route, token, **at)
        told = "Pupil0" in answer.text or school.pupils[0]["child_id"] in answer.text
        if told or answer.status_code not in {401, 403, 404, 412, 422, 428}:
            leaks.append((route, answer.status_code))
    assert leaks == []
