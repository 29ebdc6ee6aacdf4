"""A path's parts are told apart before they are decoded."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from attendance_runtime.web.direct import DirectRoute
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.paths import AsSent

GUARDED, DIRECT = "/guarded/{name}/{number}", "/direct/{name}/{number}"


def an_app() -> FastAPI:
    app = FastAPI()
    guarded = APIRouter(route_class=GuardedRoute, prefix="/v1")
    direct = APIRouter(route_class=DirectRoute, prefix="/v1")

    @guarded.get(GUARDED)
    async def read(name: str, number: Annotated[int, Path()]) -> list[object]:
        return [name, number]

    @direct.put(DIRECT)
    async def write(request: Request) -> Response:
        return JSONResponse(list(request.path_params.values()))

    app.include_router(guarded)
    app.include_router(direct)
    app.add_middleware(AsSent)
    return app


@pytest.fixture
def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(an_app()), base_url="http://test")


NAMES = [
    ("1A", "1A"),
    ("1%2F2", "1/2"),
    ("1%2f2", "1/2"),
    ("1%252F2", "1%2F2"),
    ("%2F", "/"),
    ("a%20b", "a b"),
    ("%C3%A9", "é"),
    ("100%25", "100%"),
    ("..%2F..", "../.."),
    ("a+b", "a+b"),
]


@pytest.mark.parametrize(("sent", "name"), NAMES)
async def test_an_encoded_stroke_belongs_to_the_name(
    client: httpx.AsyncClient, sent: str, name: str
) -> None:
    read = await client.get(f"/v1/guarded/{sent}/7")
    written = await client.put(f"/v1/direct/{sent}/7")
    assert (read.status_code, read.json()) == (200, [name, 7])
    assert (written.status_code, written.json()) == (200, [name, "7"])


@pytest.mark.parametrize("sent", ["1/2", "%2e%2e/metrics", "1A/7/8"])
async def test_a_stroke_that_is_not_encoded_parts(client: httpx.AsyncClient, sent: str) -> None:
    assert (await client.get(f"/v1/guarded/{sent}/7")).status_code == 404
