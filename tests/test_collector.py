"""Spans reach a collector where one is named, and one that is away costs no request."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"


def a_free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as opened:
        return int(opened.getsockname()[1])


@contextmanager
def collecting() -> Iterator[tuple[str, "Queue[ExportTraceServiceRequest]"]]:
    """A collector on this machine: its address, and what it was sent."""
    received: Queue[ExportTraceServiceRequest] = Queue()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()


@contextmanager
def an_api(collector: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """An API process that answers for itself alone: neither database nor issuer is there."""
    port = a_free_port()
    settings = {
        "REGISTER_DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "REGISTER_PORT": str(port),
        "FIRSTDAY_ISSUER_URL": "http://127.0.0.1:1",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "register_service", "api"],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.communicate()


async def first_answer(client: httpx.AsyncClient) -> httpx.Response:
    """Ask until the process listens."""
    while True:
        try:
            return await client.get("/livez", headers={"traceparent": PARENT})
        except httpx.ConnectError:
            await asyncio.sleep(0.1)


async def test_a_collector_receives_the_spans_of_a_request_under_its_trace() -> None:
    with collecting() as (collector, received), an_api(collector) as (url, _):
        async with asyncio.timeout(60), httpx.AsyncClient(base_url=url) as client:
            answer = await first_answer(client)
        sent = await asyncio.to_thread(received.get, timeout=30)

    assert answer.headers["X-Trace-Id"] == TRACE_ID
    [resource] = sent.resource_spans
    spans = [span for scope in resource.scope_spans for span in scope.spans]
    assert {(span.name, span.trace_id.hex()) for span in spans} == {("GET /livez", TRACE_ID)}
    assert ("service.name", "register-service-api") in {
        (one.key, one.value.string_value) for one in resource.resource.attributes
    }


async def test_a_collector_that_is_away_loses_no_request_and_holds_up_no_end() -> None:
    with an_api(f"http://127.0.0.1:{a_free_port()}") as (url, process):
        async with asyncio.timeout(60), httpx.AsyncClient(base_url=url) as client:
            await first_answer(client)
            answers = [await client.get("/livez") for _ in range(200)]
        told = time.monotonic()
        process.terminate()
        written, _ = await asyncio.to_thread(process.communicate, timeout=30)

    assert {answer.status_code for answer in answers} == {200}
    assert process.returncode == 0, written
    assert time.monotonic() - told < 10, "it waited for a collector that is not there"
