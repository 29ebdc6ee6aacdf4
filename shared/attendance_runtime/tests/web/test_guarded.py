"""What happens before a body is read, and what every answer carries."""

import codecs
from collections.abc import AsyncIterator
from typing import Annotated, Final

import httpx
import msgspec
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import BaseModel
from starlette.types import Message

from attendance_runtime.access import Allowed, Principal, current_principal
from attendance_runtime.access.rights import Right
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import KafkaSettings, ServiceSettings
from attendance_runtime.web.direct import DirectRoute
from attendance_runtime.web.edge import create_app
from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.limits import Quota, Quotas
from attendance_runtime.web.reading import decode_body
from attendance_testing.tokens import TokenIssuer

KB: Final = 1024
JSON: Final = {"Content-Type": "application/json"}
Writer = Annotated[Principal, Depends(Allowed(Right("thing.write")))]

guarded = APIRouter(prefix="/v1", route_class=GuardedRoute)
direct = APIRouter(prefix="/v1", route_class=DirectRoute)


class Thing(BaseModel):
    number: int


class Numbers(msgspec.Struct):
    numbers: list[int]
    name: str = ""


@guarded.post("/things")
async def create_thing(
    thing: Thing, writer: Writer, again: Annotated[Principal, Depends(current_principal)]
) -> int:
    assert writer is again, "a token is verified once a request"
    return thing.number


@guarded.post("/open")
async def create_openly(thing: Thing) -> int:
    return thing.number


@guarded.post("/large", max_body_size=128 * KB)
async def create_large(thing: Thing) -> int:
    return thing.number


@guarded.get("/kept", response_model=None)
async def read_kept() -> Response:
    return Response(headers={"Cache-Control": "max-age=60"})


@guarded.get("/bug")
async def bug() -> None:
    raise ZeroDivisionError


@direct.post("/direct")
async def create_directly(request: Request, _: Writer) -> int:
    return sum((await decode_body(request, Numbers)).numbers)


@direct.post("/direct-and-open")
async def create_directly_and_openly(request: Request) -> Thing:
    return Thing(number=sum((await decode_body(request, Numbers)).numbers))


@pytest.fixture(scope="module")
def issuer() -> TokenIssuer:
    return TokenIssuer()


@pytest.fixture
async def app(issuer: TokenIssuer) -> AsyncIterator[FastAPI]:
    settings = ServiceSettings(
        database_url="postgresql://x", environment="test", issuer_url="https://x.example.org"
    )
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    kafka = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    clock = FixedClock("2026-09-07T09:00:00+00:00")
    runtime = Runtime(settings, kafka, clock, database, issuer.verifier)
    yield create_app("test", runtime, [guarded, direct])
    await database.dispose()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def status_without_reading(app: FastAPI, path: str, headers: dict[str, str]) -> int:
    """Post a body that fails the test when it is read; return the answer's status."""
    answered: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("The body was read.")

    async def send(message: Message) -> None:
        answered.append(message)

    sent = [(name.lower().encode(), value.encode()) for name, value in (JSON | headers).items()]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": sent}
    await app(scope, receive, send)
    status: int = answered[0]["status"]
    return status


@pytest.mark.parametrize("path", ["/v1/things", "/v1/direct"])
@pytest.mark.parametrize(("token", "status"), [("", 401), ("Bearer wrong", 401), (None, 403)])
async def test_who_may_not_call_has_no_body_read(
    app: FastAPI, issuer: TokenIssuer, path: str, token: str | None, status: int
) -> None:
    without_scope = issuer.headers(subject="s", organisation="school:100001", scopes="other.write")
    who = without_scope if token is None else {"Authorization": token}
    assert await status_without_reading(app, path, who) == status


@pytest.mark.parametrize("path", ["/v1/things", "/v1/direct"])
async def test_who_is_beyond_its_quota_has_no_body_read(
    app: FastAPI, client: httpx.AsyncClient, issuer: TokenIssuer, path: str
) -> None:
    app.state.quotas = Quotas(Quota(at_once=1, a_minute=1, refusal_seconds=0))
    right = issuer.headers(subject="s", organisation="school:100001", scopes="thing.write")
    body = {"number": 1, "numbers": []}
    async with app.state.quotas.place("school:100001"):
        pass
    assert await status_without_reading(app, path, right) == 429
    answer = await client.post(path, json=body, headers=right)
    assert answer.headers["content-type"] == "application/problem+json"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.json()["detail"].endswith("send this again later.")


@pytest.mark.parametrize("path", ["/v1/open", "/v1/direct-and-open"])
async def test_a_body_that_is_announced_as_too_long_is_not_read(app: FastAPI, path: str) -> None:
    announced = {"Content-Length": str(15_000 * KB)}
    assert await status_without_reading(app, path, announced) == 413


async def test_a_wrong_token_is_told_of_before_a_broken_body(
    client: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    broken, wrong = b'{"number": ', {"Authorization": "Bearer wrong"}
    answer = await client.post("/v1/things", content=broken, headers=JSON | wrong)
    assert answer.status_code == 401
    right = issuer.headers(subject="s", organisation="school:100001", scopes="thing.write")
    answer = await client.post("/v1/things", content=broken, headers=JSON | right)
    assert answer.status_code == 422


UNREADABLE: Final = {
    "not JSON": b"number=1",
    "cut short": b'{"number": 1, "numbers": [',
    "two documents": b'{"number": 1, "numbers": []}{}',
    "in Latin-1": '{"number": 1, "numbers": [], "name": "Zoë"}'.encode("latin-1"),
    "in UTF-16": '{"number": 1, "numbers": []}'.encode("utf-16"),
    "not a number": b'{"number": NaN, "numbers": [NaN]}',
    "half a surrogate": rb'{"number": 1, "numbers": [], "name": "\ud800"}',
    "nested too deep": b'{"number": 1, "numbers": [], "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("path", ["/v1/open", "/v1/direct-and-open"])
async def test_a_body_that_cannot_be_read_is_refused_alike_whichever_route_reads_it(
    client: httpx.AsyncClient, path: str, body: bytes
) -> None:
    answer = await client.post(path, content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"] == "Send a complete JSON body."
    [fault] = problem["errors"]
    assert fault["pointer"] == "#"
    assert fault["detail"].startswith("The body is not JSON in UTF-8")


async def test_a_number_beyond_all_is_refused_as_a_value(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/open", content=b'{"number": 1e400}', headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"detail": "Number out of range", "pointer": "#"}]


async def test_who_may_call_is_asked_once(client: httpx.AsyncClient, issuer: TokenIssuer) -> None:
    right = issuer.headers(subject="s", organisation="school:100001", scopes="thing.write")
    answer = await client.post("/v1/things", json={"number": 3}, headers=right)
    assert (answer.status_code, answer.json()) == (200, 3)


@pytest.mark.parametrize(
    ("path", "at_most"), [("/v1/open", 64), ("/v1/large", 128), ("/v1/direct-and-open", 64)]
)
@pytest.mark.parametrize("says_how_long", [True, False])
async def test_a_body_is_taken_up_to_its_routes_limit(
    client: httpx.AsyncClient, path: str, at_most: int, says_how_long: bool
) -> None:
    async def post(body: bytes) -> httpx.Response:
        async def in_pieces() -> AsyncIterator[bytes]:
            yield body[: 32 * KB]
            yield body[32 * KB :]

        return await client.post(path, content=body if says_how_long else in_pieces(), headers=JSON)

    content = b'{"number": 1, "numbers": []}'.ljust(at_most * KB)
    assert (await post(content)).status_code == 200
    answer = await post(content + b" ")
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "The body is too large"
    assert answer.json()["detail"] == f"Send at most {at_most} kB at once."


@pytest.mark.parametrize("path", ["/v1/open", "/v1/direct-and-open"])
async def test_a_body_is_read_from_what_follows_its_byte_order_mark(
    client: httpx.AsyncClient, path: str
) -> None:
    content = codecs.BOM_UTF8 + b'{"number": 1, "numbers": [1]}'
    assert (await client.post(path, content=content, headers=JSON)).status_code == 200


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v1/bug", "/livez", "/metrics", "/v1/kept"])
async def test_every_answer_says_how_it_is_to_be_treated(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    kept = "max-age=60" if path == "/v1/kept" else "no-store"
    assert headers.get_list("cache-control") == [kept], "a route may say otherwise of its own"


@pytest.mark.parametrize(("many", "status"), [(90, 200), (101, 431)])
async def test_a_request_has_so_many_headers_and_no_more(
    client: httpx.AsyncClient, many: int, status: int
) -> None:
    answer = await client.get("/livez", headers={f"X-{number}": "1" for number in range(many)})
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
