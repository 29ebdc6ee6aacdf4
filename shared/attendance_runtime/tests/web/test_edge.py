"""The HTTP edge on a real database: problems, bodies, the commit before the answer."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import msgspec
import pytest
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text

from attendance_runtime import errors
from attendance_runtime.access import Allowed, Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database, Transaction
from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import KafkaSettings, ServiceSettings
from attendance_runtime.tables import runtime_metadata
from attendance_runtime.web.edge import DatabaseProbe, create_app
from attendance_runtime.web.idempotency import Idempotent
from attendance_runtime.web.preconditions import RequiredVersion
from attendance_runtime.web.reading import decode_body
from attendance_testing.tokens import TokenIssuer

router = APIRouter(prefix="/v1")
JSON = {"Content-Type": "application/json"}
Writer = Annotated[Principal, Depends(Allowed(Right("thing.write")))]


class Body(msgspec.Struct):
    """A body for tests."""

    numbers: list[int]


class Strict(BaseModel):
    """A body without room for more."""

    model_config = ConfigDict(extra="forbid")


class Thing(BaseModel):
    """A created thing."""

    number: int


@router.post("/decode")
async def decode(request: Request) -> int:
    return sum((await decode_body(request, Body)).numbers)


@router.post("/strict")
async def strict(_: Strict) -> None:
    pass


@router.get("/echo", response_model=None)
async def echo(db: Transaction, text_: Annotated[str, Query(alias="text")]) -> Response:
    return Response(await db.scalar(text("SELECT CAST(:text AS text)"), {"text": text_}))


@router.post("/things", response_model=None)
async def create_thing(thing: Thing, request: Idempotent, db: Transaction, _: Writer) -> Response:
    async def work() -> Thing:
        await db.execute(text("INSERT INTO things VALUES (:n)"), {"n": thing.number})
        return thing

    return await request.create(db, work)


@router.post("/deferred")
async def break_at_commit(db: Transaction) -> str:
    """Violate a constraint that PostgreSQL checks only at commit."""
    await db.execute(text("INSERT INTO parts VALUES (1)"))
    return "stored"


@router.put("/versions")
async def put_version(version: RequiredVersion) -> int:
    return version


@router.get("/busy")
async def busy() -> None:
    raise errors.Unavailable("Nothing was kept.", retry_after_seconds=7)


@router.get("/out-of-time")
async def run_out_of_time(db: Transaction) -> None:
    await db.execute(text("SET LOCAL statement_timeout = 1"))
    await db.execute(text("SELECT pg_sleep(1)"))


@router.get("/wrong-argument")
async def send_a_wrong_argument(db: Transaction) -> None:
    await db.execute(text("SELECT CAST(:number AS integer)"), {"number": "four"})


@router.get("/bug")
async def bug() -> None:
    raise ZeroDivisionError


@pytest.fixture(scope="module")
async def database(runtime_database: Database) -> Database:
    async with runtime_database.engine.begin() as connection:
        await connection.run_sync(runtime_metadata.create_all)
    async with runtime_database.transaction() as db:
        await db.execute(text("CREATE TABLE things (number integer)"))
        await db.execute(text("CREATE TABLE wholes (id integer PRIMARY KEY)"))
        await db.execute(
            text(
                "CREATE TABLE parts (whole integer REFERENCES wholes DEFERRABLE INITIALLY DEFERRED)"
            )
        )
    return runtime_database


@pytest.fixture(scope="module")
def issuer() -> TokenIssuer:
    return TokenIssuer()


@pytest.fixture(scope="module")
async def client(database: Database, issuer: TokenIssuer) -> AsyncIterator[httpx.AsyncClient]:
    settings = ServiceSettings(
        database_url="postgresql://x", environment="test", issuer_url="https://x.example.org"
    )
    runtime = Runtime(
        settings,
        KafkaSettings(bootstrap_servers="127.0.0.1:1"),
        FixedClock("2026-09-07T09:00:00+00:00"),
        database,
        issuer.verifier,
    )
    transport = httpx.ASGITransport(create_app("test", runtime, [router]), False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def test_a_commit_that_fails_is_never_answered_with_success(
    client: httpx.AsyncClient, database: Database
) -> None:
    """The commit comes before the response: a 200 sent first was once a register that was lost."""
    answer = await client.post("/v1/deferred")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    async with database.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM parts")) == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"numbers": [1, "two"]}', "#/numbers/1"),
        (b"{}", "#/numbers"),
        (b'{"numbers": [1, 2', "#"),
        (b"\xff\xfe", "#"),
        (b"", "#"),
        (b'{"x": ' + b"[" * 30_000 + b"]" * 30_000 + b', "numbers": []}', "#"),
    ],
    ids=["a wrong value", "a missing field", "cut short", "not text", "nothing", "nested deep"],
)
async def test_a_bad_body_is_a_problem_with_a_pointer(
    client: httpx.AsyncClient, body: bytes, pointer: str
) -> None:
    answer = await client.post("/v1/decode", content=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_unavailable_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")


@pytest.mark.parametrize(("path", "status"), [("/out-of-time", 503), ("/wrong-argument", 500)])
async def test_a_database_error_that_passes_by_itself_is_worth_sending_again(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await client.get(f"/v1{path}")
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) is (status == 503)


async def test_a_bug_is_a_problem_document_that_tells_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/bug")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text


async def test_a_text_that_cannot_be_kept_is_the_senders_mistake(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/echo", params={"text": "a\0b"})
    assert answer.status_code == 422
    assert "U+0000" in answer.json()["detail"]


async def test_a_key_that_is_no_text_is_pointed_at_all_the_same(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/strict", content=rb'{"\ud800": 1}', headers=JSON)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/"]


async def test_an_unknown_path_is_a_problem_document(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("header", "status"),
    [({}, 428), ({"If-Match": '"r3"'}, 200), ({"If-Match": "*"}, 412), ({"If-Match": '"x"'}, 412)],
)
async def test_a_change_names_the_version_it_changes(
    client: httpx.AsyncClient, header: dict[str, str], status: int
) -> None:
    assert (await client.put("/v1/versions", headers=header)).status_code == status


async def test_a_creating_request_sent_twice_creates_once(
    client: httpx.AsyncClient, database: Database, issuer: TokenIssuer
) -> None:
    who = issuer.headers(subject="s", organisation="school:100001", scopes="thing.write")
    key = who | {"Idempotency-Key": '"one"'}
    first = await client.post("/v1/things", json={"number": 1}, headers=key)
    second = await client.post("/v1/things", json={"number": 1}, headers=key)
    other_body = await client.post("/v1/things", json={"number": 2}, headers=key)
    assert (first.status_code, second.status_code, other_body.status_code) == (201, 201, 422)
    assert first.json() == second.json()
    async with database.transaction() as db:
        assert await db.scalar(text("SELECT count(*) FROM things")) == 1


async def test_a_creating_request_without_a_key_is_told_so(
    client: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    who = issuer.headers(subject="s", organisation="school:100001", scopes="thing.write")
    answer = await client.post("/v1/things", json={"number": 1}, headers=who)
    assert answer.status_code == 422


@pytest.mark.parametrize(("scopes", "status"), [(None, 401), ("other.write", 403)])
async def test_no_token_and_no_scope_are_refused(
    client: httpx.AsyncClient, issuer: TokenIssuer, scopes: str | None, status: int
) -> None:
    who = {}
    if scopes is not None:
        who = issuer.headers(subject="s", organisation="school:100001", scopes=scopes)
    answer = await client.post(
        "/v1/things", json={"number": 1}, headers=who | {"Idempotency-Key": "k"}
    )
    assert answer.status_code == status


async def test_health_tells_the_truth(client: httpx.AsyncClient) -> None:
    assert (await client.get("/livez")).json() == {"status": "live"}
    assert (await client.get("/readyz")).status_code == 200
    assert b"firstday_http_requests_total" in (await client.get("/metrics")).content


async def test_a_database_that_stands_still_is_called_not_ready_in_time() -> None:
    """Connections are taken and nothing answers: a probe that hung would say nothing either."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+asyncpg://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        database = Database(url)
        probe = DatabaseProbe(database)
        async with asyncio.timeout(1.9):
            assert not await probe.answers()
    assert not await probe.answers(), "the question asked before has its answer now"
    await database.dispose()


def test_every_right_is_opened_by_relations_or_is_one_kind_of_organisations() -> None:
    assert all(bool(right.opened_by) != bool(right.only) for right in rights.EVERY.values())
