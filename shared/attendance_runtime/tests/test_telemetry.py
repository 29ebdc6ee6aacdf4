"""Logs name errors by class and place: what an error says may be about a person."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from attendance_runtime import telemetry


class RowError(Exception):
    """An error like a database's, which quotes the row."""


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What a process that logs as the services do has written; the tests' own way afterwards."""
    root, uvicorn = logging.getLogger(), logging.getLogger("uvicorn.error")
    server = logging.getLogger("uvicorn")  # a server that ran in this process gave it handlers
    before = root.handlers[:], uvicorn.filters[:], logging.getLogger("aiokafka").level
    servers_own = server.handlers[:], server.propagate
    root.handlers, server.handlers, server.propagate = [], [], True
    telemetry.configure("a-service", "INFO")
    yield lambda: "".join(capsys.readouterr())
    root.handlers, uvicorn.filters = before[0], before[1]
    server.handlers, server.propagate = servers_own
    logging.getLogger("aiokafka").setLevel(before[2])
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def an_error() -> RowError:
    with pytest.raises(RowError) as raised:
        raise RowError("Failing row contains (Secretname)")
    return raised.value


def test_an_error_is_logged_without_its_text(logged: Callable[[], str]) -> None:
    structlog.get_logger().error("request.failed", exc_info=an_error())
    line = logged()
    assert json.loads(line)["error"].startswith("RowError in an_error:")
    assert "Secretname" not in line


@pytest.mark.parametrize("library", ["uvicorn.error", "asyncio"])
def test_what_a_library_logs_of_an_error_has_no_text_either(
    logged: Callable[[], str], library: str
) -> None:
    logging.getLogger(library).error("Exception in application", exc_info=an_error())
    line = logged()
    assert "Exception in application RowError in an_error:" in line
    assert "Secretname" not in line


def test_an_error_marks_its_span_and_leaves_its_text_out(monkeypatch: pytest.MonkeyPatch) -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(telemetry, "_TRACER", provider.get_tracer("test"))
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    error = an_error()
    with pytest.raises(RowError), telemetry.traced("request", parent):
        raise error
    [span] = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert "Secretname" not in span.to_json()
    assert span.context is not None
    assert format(span.context.trace_id, "032x") == parent.split("-")[1]
    assert telemetry.current_traceparent() is None
