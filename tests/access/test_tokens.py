"""Every way into every service, tried with every kind of token that was not given for it.

The claims are those of somebody who would pass: were the forgery believed, the door would open.
"""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import RSAKey

from attendance_runtime.documents.access import WayIn

from .answers import without_ids
from .calls import Call, call_of
from .forgery import FORGERIES, Issuer
from .people import EVERY_SCOPE, PEOPLE
from .test_matrix import every_way, may

NO_TOKEN = {"no header": None, "an empty header": "", "another scheme": "Basic b2ZmaWNlOng="}


@pytest.fixture(scope="session")
def issuer(world: Any, stack_file: Path) -> Issuer:
    """The stack's issuer, with the key that nobody else has."""
    stack = world.platform.stack
    key = json.loads((stack_file.parent / "issuer-key.json").read_text())
    return Issuer(stack.issuer.url, stack.issuer.audiences, RSAKey.import_key(key))


def claims_of_someone_who_may(
    issuer: Issuer, world: Any, service: str, way: WayIn
) -> dict[str, Any]:
    person = next(person for person in PEOPLE if may(person, way))
    told = person.token_claims(world.ours)
    return issuer.claims(service, told["sub"], told["org"], EVERY_SCOPE)


@every_way
async def test_the_same_claims_well_signed_open_it(
    world: Any, issuer: Issuer, service: str, way: WayIn
) -> None:
    token = issuer.signed(claims_of_someone_who_may(issuer, world, service, way))
    answer = await world.send(service, call_of(way, world.ours), token)
    assert answer.status_code not in {401, 403, 404}, answer.text


@every_way
async def test_a_forged_token_opens_nothing(
    world: Any, issuer: Issuer, service: str, way: WayIn
) -> None:
    claims = claims_of_someone_who_may(issuer, world, service, way)
    headers = {what: f"Bearer {forge(issuer, claims)}" for what, forge in FORGERIES.items()}
    believed = [
        what
        for what, header in (NO_TOKEN | headers).items()
        if not await is_refused_alike(world, service, way, header)
    ]
    assert believed == []


async def is_refused_alike(world: Any, service: str, way: WayIn, header: str | None) -> bool:
    """Tell whether a caller is refused, and told the same of what is there and what is not."""
    headers = {} if header is None else {"Authorization": header}
    answers = [
        without_ids(await world.send(service, call_of(way, place), None, headers=headers), place)
        for place in (world.ours, world.nowhere)
    ]
    status, told, _ = answers[0]
    as_a_problem = (told["content-type"], told.get("www-authenticate"))
    return (
        status == httpx.codes.UNAUTHORIZED
        and as_a_problem == ("application/problem+json", "Bearer")
        and answers[0] == answers[1]
    )


@pytest.mark.parametrize(
    ("services", "names"),
    [(["reporting", "register"], "shown"), (["reporting"], "unavailable")],
    ids=["for both services", "for one"],
)
async def test_a_pages_names_are_read_with_the_readers_own_token(
    world: Any, issuer: Issuer, services: list[str], names: str
) -> None:
    """register-service takes it only if it was given for register-service, too."""
    worker = next(person for person in PEOPLE if person.relation == "worker")
    told = worker.token_claims(world.ours)
    claims = issuer.claims("reporting", told["sub"], told["org"], EVERY_SCOPE)
    audiences = [issuer.audiences[service] for service in services]
    token = issuer.signed(claims | {"aud": audiences})
    answer = await world.send("reporting", Call("GET", f"/v1/caseloads/{told['sub']}"), token)
    assert answer.json()["names"] == names


async def test_the_providers_route_has_a_token_of_its_own(world: Any, callback_token: str) -> None:
    """It names nobody, and an access token of the platform's, however mighty, is none."""
    call = Call("POST", "/v1/notify/receipts", json={"id": str(uuid4()), "status": "delivered"})
    access_token = await world.token(PEOPLE[0])
    for wrong in (None, "", "wrong", callback_token[:-1], f"{callback_token}x", access_token):
        answer = await world.send("notification", call, wrong)
        assert answer.status_code == httpx.codes.UNAUTHORIZED, wrong
        assert answer.headers["content-type"] == "application/problem+json"
    taken = await world.send("notification", call, callback_token)
    assert taken.status_code == httpx.codes.NO_CONTENT
