"""Every route of every service, asked at random by everybody who might ask.

schemathesis makes the requests from the OpenAPI documents, valid ones and spoilt ones; each is sent
once by every person, and every answer is compared with what the document promises. A few hundred
requests in an ordinary run; `make fuzz` sends twenty thousand.
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from random import SystemRandom
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from attendance_runtime.web.edge import document

from ..access.people import PEOPLE  # noqa: TID252 - as in `attempts`
from ..access.test_matrix import SERVICES  # noqa: TID252
from .checks import faults_of
from .tally import Tally

REQUESTS = int(os.environ.get("FIRSTDAY_FUZZ_REQUESTS", "500"))
# An ordinary run says the same as the one before it; 0 asks for something new.
SEED = int(os.environ.get("FIRSTDAY_FUZZ_SEED", "1")) or SystemRandom().randrange(1, 2**32)
# Those who hold each relation, and a stranger.
PERSONS = PEOPLE[:8]
PROMISES = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
OPERATIONS = [
    (service.name.removesuffix("-service"), found.ok())
    for service in SERVICES
    for found in schemathesis.openapi.from_dict(
        document(service.name, service.routers).openapi()
    ).get_all_operations()
    if isinstance(found, Ok)
]
CASES = -(-REQUESTS // (len(OPERATIONS) * (len(PERSONS) + 1)))  # rounded up
_LONGEST_ANSWER_SECONDS = 30
# A slow machine asks less; the count at the end says how much it was.
GIVES_UP_AT = time.monotonic() + float(os.environ.get("FIRSTDAY_FUZZ_SECONDS", "900"))


@dataclass(frozen=True, slots=True)
class Asker:
    """A person with a token and a connection of their own."""

    name: str
    token: str
    session: requests.Session

    def ask(self, case: Case[Any], base_url: str) -> Response:
        """Send a case as this person."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        return case.call(
            base_url, session=self.session, headers=bearer, timeout=_LONGEST_ANSWER_SECONDS
        )


@pytest.fixture(scope="session")
async def tokens(world: Any, callback_token: str) -> dict[str, str]:
    """A token for each person, and the provider's, which is of a kind of its own."""
    persons = {person.name: await world.token(person) for person in PERSONS}
    return persons | {"the provider": callback_token}


@pytest.fixture(scope="module")
def askers(tokens: dict[str, str]) -> Iterator[list[Asker]]:
    """Everybody who asks."""
    found = [Asker(name, token, requests.Session()) for name, token in tokens.items()]
    yield found
    for asker in found:
        asker.session.close()


@pytest.mark.parametrize(
    ("service", "operation"), OPERATIONS, ids=[operation.label for _, operation in OPERATIONS]
)
def test_every_answer_is_one_that_the_document_promises(
    world: Any, askers: list[Asker], tally: Tally, service: str, operation: Any
) -> None:
    known = asdict(world.ours)
    found: dict[str, str] = {}
    modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    cases = modes.flatmap(lambda mode: operation.as_strategy(generation_mode=mode))

    @seed(SEED)
    @settings(
        max_examples=CASES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, is_known=st.booleans())
    def ask_everybody(case: Case[Any], is_known: bool) -> None:
        if time.monotonic() > GIVES_UP_AT:
            return
        if is_known:
            given_ids = case.path_parameters or {}
            case.path_parameters = {name: known.get(name, given_ids[name]) for name in given_ids}
        base_url = world.platform.api(service)
        with ThreadPoolExecutor(len(askers)) as pool:
            for answer in pool.map(lambda asker: asker.ask(case, base_url), askers):
                tally.by_status[answer.status_code] += 1
                for fault in faults_in(case, answer):
                    found.setdefault(fault, case.as_curl_command())

    tally.seed = SEED
    ask_everybody()
    assert found == {}


def faults_in(case: Case[Any], answer: Response) -> Iterator[str]:
    """Yield how an answer differs from what was promised."""
    content_type = ",".join(answer.headers.get("content-type", ()))
    yield from faults_of(answer, content_type)
    try:
        case.validate_response(answer, checks=PROMISES)
    except FailureGroup as group:
        yield from (f"{failure.title}: {failure.message}" for failure in group.exceptions)
