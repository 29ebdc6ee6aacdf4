"""Whoever asks is told under which trace id the logs of all services speak of the request."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter
from opentelemetry.sdk.trace import TracerProvider
from structlog.testing import capture_logs

from attendance_runtime import errors, telemetry
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import KafkaSettings, ServiceSettings
from attendance_runtime.telemetry import current_traceparent
from attendance_runtime.web.edge import create_app
from attendance_runtime.web.problems import TRACE_HEADER
from attendance_testing.tokens import TokenIssuer

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PARENTS_TRACE = PARENT.split("-")[1]

router = APIRouter()


@router.get("/fine")
async def fine() -> str | None:
    return current_traceparent()


@router.get("/refused")
async def refused() -> None:
    raise errors.NotFound("There is nothing here.")


@router.get("/wrong/{number}")
async def wrong(number: int) -> int:
    return number


@router.get("/bug")
async def bug() -> None:
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tracer that gives ids, as every process has one."""
    monkeypatch.setattr(telemetry, "_TRACER", TracerProvider().get_tracer("test"))


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that asks no database."""
    url = "postgresql://127.0.0.1:1/none"
    settings = ServiceSettings(
        database_url=url, environment="test", issuer_url="https://x.example.org"
    )
    runtime = Runtime(
        settings,
        KafkaSettings(bootstrap_servers="127.0.0.1:1"),
        FixedClock("2026-09-07T09:00:00+00:00"),
        Database(settings.database_url),
        TokenIssuer().verifier,
    )
    transport = httpx.ASGITransport(create_app("test", runtime, [router]), False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "status"),
    [("/fine", 200), ("/refused", 404), ("/wrong/four", 422), ("/nowhere", 404), ("/bug", 500)],
)
async def test_every_answer_names_the_callers_trace(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await client.get(path, headers={"traceparent": PARENT})

    assert answer.status_code == status
    assert answer.headers.get_list(TRACE_HEADER) == [PARENTS_TRACE]
    if status == 200:
        assert PARENTS_TRACE in answer.json()
    else:
        assert answer.json()["trace_id"] == PARENTS_TRACE


async def test_a_request_that_brings_no_trace_is_given_one_of_its_own(
    client: httpx.AsyncClient,
) -> None:
    given = [(await client.get("/refused")).headers[TRACE_HEADER] for _ in range(2)]

    assert all(re.fullmatch("[0-9a-f]{32}", trace_id) for trace_id in given)
    assert given[0] != given[1]


async def test_a_bug_is_logged_under_the_id_that_its_caller_was_told(
    client: httpx.AsyncClient,
) -> None:
    """The log line once lacked it: a bug is answered after the span, and its context, are over."""
    with capture_logs() as lines:
        answer = await client.get("/bug")

    [line] = [line for line in lines if line["event"] == "request.failed"]
    assert line["trace_id"] == json.loads(answer.content)["trace_id"]
