"""A direct route is asked for, answered, refused and documented like any other."""

from collections.abc import Callable
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from attendance_runtime.errors import Forbidden
from attendance_runtime.web import problems
from attendance_runtime.web.direct import DirectRoute

GREETINGS = "/greetings/{place}"


class Greeting(BaseModel):
    to: str


async def caller(request: Request) -> str:
    if "x-caller" not in request.headers:
        raise Forbidden("Say who calls.")
    return request.headers["x-caller"]


async def awake() -> None:
    return None


def an_app() -> FastAPI:
    app, router = FastAPI(), APIRouter(route_class=DirectRoute, prefix="/v1")

    @router.put(GREETINGS, status_code=201)
    async def greet(request: Request, who: Annotated[str, Depends(caller)]) -> Greeting:
        return Greeting(to=f"{who} of {request.path_params['place']}")

    @router.post("/pings", dependencies=[Depends(caller)], status_code=204)
    async def ping(request: Request) -> Response:
        return Response(status_code=204 if await request.body() == b"ping" else 400)

    problems.install(app)
    app.include_router(router)
    return app


@pytest.fixture
def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(an_app()), base_url="http://test")


async def test_the_function_gets_the_request_and_what_its_rule_returned(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.put("/v1/greetings/york", headers={"x-caller": "ann"})
    assert (answer.status_code, answer.json()) == (201, {"to": "ann of york"})
    assert answer.headers["content-type"] == "application/json"
    pinged = await client.post("/v1/pings", content=b"ping", headers={"x-caller": "ann"})
    assert (pinged.status_code, pinged.content) == (204, b"")


@pytest.mark.parametrize("asked", [("PUT", "/v1/greetings/york"), ("POST", "/v1/pings")])
async def test_a_rule_refuses_before_the_function_is_called(
    client: httpx.AsyncClient, asked: tuple[str, str]
) -> None:
    answer = await client.request(*asked)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


async def test_it_stands_in_the_document_with_its_answer(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    answers = document["paths"]["/v1/greetings/{place}"]["put"]["responses"]
    schema = answers["201"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Greeting"}


async def with_a_parameter(request: Request, place: str) -> None:
    raise AssertionError(request, place)


async def without_the_request() -> None:
    raise AssertionError


async def with_more_than_it_reads(request: Request, response: Response) -> None:
    raise AssertionError(request, response)


@pytest.mark.parametrize(
    "function", [with_a_parameter, without_the_request, with_more_than_it_reads]
)
def test_what_nobody_would_give_the_function_is_refused_at_once(
    function: Callable[..., object],
) -> None:
    with pytest.raises(TypeError, match="declare that alone"):
        APIRouter(route_class=DirectRoute).add_api_route("/places", function)


async def twice(_: Annotated[None, Depends(awake)]) -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("rule", "says"), [(twice, "may not depend"), (awake, "declare that alone")]
)
def test_a_rule_that_needs_more_than_the_request_is_refused_at_once(
    rule: Callable[..., object], says: str
) -> None:
    async def read(request: Request) -> None:
        raise AssertionError(request)

    with pytest.raises(TypeError, match=says):
        APIRouter(route_class=DirectRoute).add_api_route(
            "/places", read, dependencies=[Depends(rule)]
        )
