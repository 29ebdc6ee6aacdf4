"""Route by role by tenant: every way into every service, taken by everybody who might try.

The ways in come from the services themselves, who passes from the table behind `docs/access.md`. A
new route is in the matrix by itself; it fails here until `calls` says how it is called.
"""

from typing import Any

import httpx
import pytest

from attendance_runtime.documents.access import SCOPES, WayIn, ways_into
from escalation_service.main import SERVICE as ESCALATION
from notification_service.main import SERVICE as NOTIFICATION
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

from .answers import ANSWERED_IN_PART, lets_in, without_ids
from .calls import call_of
from .people import PEOPLE, Person

SERVICES = (REGISTER, NOTIFICATION, ESCALATION, REPORTING)
WAYS = [
    (service.name.removesuffix("-service"), way)
    for service in SERVICES
    for way in ways_into(service)
    if way.scope
]
# Opened by a token of another kind; `test_tokens` tries it.
OF_ANOTHER_KIND = {"/v1/notify/receipts"}
NAMES = [f"{way.method} {way.path}" for _, way in WAYS]
every_way = pytest.mark.parametrize(("service", "way"), WAYS, ids=NAMES)


def may(person: Person, way: WayIn) -> bool:
    """Tell whether the table lets a person pass."""
    if way.relations is None:
        return person.relation == "service"
    return person.relation in way.relations


def test_no_way_in_is_left_out() -> None:
    every = {way.path for service in SERVICES for way in ways_into(service)}
    assert every - {way.path for _, way in WAYS} == OF_ANOTHER_KIND


@pytest.mark.parametrize("person", PEOPLE, ids=[person.name for person in PEOPLE])
@every_way
async def test_whom_the_table_names_gets_in_and_nobody_else(
    world: Any, service: str, way: WayIn, person: Person
) -> None:
    """Whoever stays outside is answered as if nothing were there, to the byte."""
    token = await world.token(person)
    answer = await world.send(service, call_of(way, world.ours), token)
    if may(person, way):
        assert lets_in(answer), answer.text
        return
    assert not lets_in(answer), answer.text
    nothing = await world.send(service, call_of(way, world.nowhere), token)
    assert without_ids(answer, world.ours) == without_ids(nothing, world.nowhere)
    in_part = f"{way.method} {way.path}" in ANSWERED_IN_PART
    assert answer.status_code == (httpx.codes.OK if in_part else httpx.codes.NOT_FOUND)
    assert "Secret" not in answer.text


@every_way
async def test_a_token_without_the_scope_opens_nothing(
    world: Any, service: str, way: WayIn
) -> None:
    """Every scope but the one, in the hands of each who could pass with it."""
    for person in PEOPLE:
        if not may(person, way):
            continue
        claims = person.token_claims(world.ours)
        claims["scopes"] = " ".join(scope for scope in SCOPES if scope != way.scope)
        await world.platform.add_client("lacks a scope", **claims)
        token = await world.platform.token("lacks a scope")
        answer = await world.send(service, call_of(way, world.ours), token)
        nothing = await world.send(service, call_of(way, world.nowhere), token)
        assert answer.status_code == httpx.codes.FORBIDDEN
        assert without_ids(answer, world.ours) == without_ids(nothing, world.nowhere)
