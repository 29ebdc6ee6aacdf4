"""The front door: what it lets in, what it says itself, and what it tells nobody."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from attendance_runtime.documents.access import ways_into
from escalation_service.main import SERVICE as ESCALATION
from local_stack.folder import StackFolder
from local_stack.ports import LOOPBACK, Ports
from notification_service.main import SERVICE as NOTIFICATION
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

from .conftest import Opened, opened

SERVICES = {
    "register": REGISTER,
    "notification": NOTIFICATION,
    "escalation": ESCALATION,
    "reporting": REPORTING,
}
SCHOOL = "/api/register/v1/schools/100001"
SENT_BY_A_CALLER = {
    "Forwarded": "for=192.0.2.1",
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Host": "elsewhere.example.org",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/elsewhere",
    "X-Forwarded-Proto": "https",
    "X-Real-IP": "192.0.2.1",
}


def ways() -> Iterator[tuple[str, bool]]:
    """Every way into the services as an address at the door, and whether it is for outsiders."""
    for name, service in SERVICES.items():
        for way in ways_into(service):
            yield f"/api/{name}{way.path}", way.scope is None or way.relations is not None


@pytest.mark.parametrize(("path", "for_outsiders"), sorted(set(ways())))
async def test_what_the_services_ask_of_one_another_stays_inside(
    front_door: Opened, path: str, for_outsiders: bool
) -> None:
    answer = await front_door.client.get(path.replace("{", "").replace("}", ""))
    assert answer.status_code == (200 if for_outsiders else 404)
    assert bool([one for process in front_door.behind for one in process.asked]) is for_outsiders


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/metrics",
        "/v1/schools/100001",
        "/api/register/metrics",
        "/api/register/docs",
        "/api/register/openapi.json",
        "/api/register/livez",
        "/api/register/readyz",
        "/api/register/v1/../metrics",
        "/api/register/v1/%2e%2e/metrics",
        "/api/register/%2fmetrics",
        "/api/register/v1//bulk/marks",
        "/api/register/v1/%62ulk/marks",
        "/api/register/V1/BULK/marks",
        "/api/register/v1/x/..%2fbulk/marks",
        "/api/other/v1/schools",
    ],
)
async def test_what_is_not_of_the_api_stays_inside(front_door: Opened, path: str) -> None:
    host = front_door.url.removeprefix("http://")
    answer = await sent(host, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    assert answer.startswith("HTTP/1.1 404")
    assert "application/problem+json" in answer
    assert [process.asked for process in front_door.behind] == [[], []]


async def sent(host: str, request: str) -> str:
    """Send bytes as they stand, and return what is answered until the connection closes."""
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    return answer.decode()


async def test_a_request_reaches_its_service_without_what_a_caller_says_of_itself(
    front_door: Opened,
) -> None:
    token = {"Authorization": "Bearer t"}
    answer = await front_door.client.get(f"{SCHOOL}?a=b", headers=SENT_BY_A_CALLER | token)
    assert answer.json()["path"] == "/v1/schools/100001?a=b"
    arrived = answer.json()["headers"]
    assert arrived["authorization"] == "Bearer t"
    assert "192.0.2.1" not in str(arrived)
    assert "elsewhere" not in str(arrived)
    assert (arrived["x-forwarded-for"], arrived["x-forwarded-proto"]) == (LOOPBACK, "http")


@pytest.mark.parametrize("in_path", ["1%2F2", "1%2f2", "1%252F2", "%2F", "R%20%C3%A9"])
async def test_a_name_with_a_stroke_reaches_its_service_as_it_was_sent(
    front_door: Opened, in_path: str
) -> None:
    register = f"{SCHOOL}/classes/{in_path}/registers/2026-09-07/AM"
    answer = await front_door.client.put(register, json={"marks": []})
    assert answer.json()["path"] == register.removeprefix("/api/register")


async def test_every_answer_says_how_it_is_to_be_treated_and_by_whom_it_was_not_given(
    front_door: Opened,
) -> None:
    for path in (SCHOOL, "/nowhere"):
        headers = (await front_door.client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in headers
        assert "strict-transport-security" not in headers, "that is for TLS alone"


async def test_behind_tls_browsers_are_told_to_stay_there(
    folder: StackFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTDAY_DOOR_TLS", "tls internal")
    async with opened(folder, url=f"https://localhost:{Ports().take()}") as tls:
        for path, status in ((SCHOOL, 200), ("/nowhere", 404)):
            answer = await tls.client.get(path)
            assert answer.status_code == status
            assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


@pytest.mark.parametrize(("missing", "status"), [(1, 200), (2, 502)])
async def test_a_process_that_is_away_is_passed_by(
    folder: StackFolder, url: str, missing: int, status: int
) -> None:
    async with opened(folder, url=url, missing=missing) as one_away:
        for _ in range(4):
            answer = await one_away.client.put(SCHOOL, json={}, timeout=10)
            assert answer.status_code in {status, 503 if status == 502 else status}
    if status == 502:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["title"] == "Try again shortly"


@pytest.mark.parametrize("says_how_long", [True, False])
async def test_no_body_is_over_16_megabytes(front_door: Opened, says_how_long: bool) -> None:
    body = b" " * (16 * 1024 * 1024 + 1)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    sent_ = body if says_how_long else in_pieces()
    answer = await front_door.client.post(SCHOOL, content=sent_, timeout=30)
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:firstday:problem:the-body-is-too-large"


async def test_headers_over_16_kilobytes_are_refused(front_door: Opened) -> None:
    answer = await front_door.client.get(SCHOOL, headers={"X-Long": "x" * 32 * 1024})
    assert answer.status_code == 431


async def test_whoever_does_not_finish_the_headers_is_let_go(front_door: Opened) -> None:
    host, port = front_door.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
    async with asyncio.timeout(15):
        assert b"200" not in await reader.read()
    writer.close()


async def test_the_log_names_neither_path_nor_token_but_the_trace(front_door: Opened) -> None:
    secret = {"Authorization": "Bearer secret-token"}
    await front_door.client.get(f"{SCHOOL}?name=Ann", headers=secret)
    await front_door.client.get("/nowhere/Ann")
    log = front_door.log()
    entries = [json.loads(line) for line in log.splitlines()]
    [_, found, refused] = [entry for entry in entries if entry.get("logger") == "http.log.access"]
    assert (found["service"], found["trace_id"], found["status"]) == ("register", "t1", 200)
    assert refused["status"] == 404
    for told in ("100001", "Ann", "secret-token"):
        assert told not in log


def test_nothing_else_listens(front_door: Opened) -> None:
    """Caddy's own port for changing its configuration stays shut."""
    assert front_door.url
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection((LOOPBACK, 2019), timeout=1),
    ):
        pass
