"""A direct route is asked for, answered, refused and documented like any other."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from attendance_runtime import problems
from attendance_runtime.direct import DirectRoute
from attendance_runtime.errors import Forbidden

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


def test_a_parameter_that_nobody_would_read_is_refused_at_once() -> None:
    router = APIRouter(route_class=DirectRoute)
    with pytest.raises(TypeError, match="declare nothing"):

        @router.get("/places/{place}")
        async def read(place: str) -> None:
            raise AssertionError(place)


def test_a_rule_that_depends_on_another_is_refused_at_once() -> None:
    async def twice(_: Annotated[None, Depends(awake)]) -> None:
        return None

    router = APIRouter(route_class=DirectRoute)
    with pytest.raises(TypeError, match="may not depend"):

        @router.get("/places", dependencies=[Depends(twice)])
        async def read(request: Request) -> None:
            raise AssertionError(request)
