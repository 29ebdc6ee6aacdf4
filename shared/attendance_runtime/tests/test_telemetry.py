"""Logs name errors by class and place: what an error says may be about a person."""

import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from attendance_runtime import telemetry


class RowError(Exception):
    """An error like a database's, which quotes the row."""


Logged = Callable[[Callable[[], object]], dict[str, Any]]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    """What a process that logs as the services do writes of something: one line, read as JSON."""
    root, names = logging.getLogger(), ("aiokafka", "alembic", "opentelemetry")
    before = root.handlers[:], root.level, [logging.getLogger(name).level for name in names]
    server = logging.getLogger("uvicorn")  # a server that ran in this process gave it handlers
    servers_own, hook = (server.handlers[:], server.propagate), sys.excepthook
    server.handlers, server.propagate = [], True

    def logged_of(happening: Callable[[], object]) -> dict[str, Any]:
        # Within the test: between a fixture and its test, pytest changes the standard output.
        root.handlers = []
        telemetry.configure("a-service", "INFO")
        happening()
        line: dict[str, Any] = json.loads("".join(capsys.readouterr()))
        return line

    yield logged_of
    root.handlers, root.level = before[:2]
    for name, level in zip(names, before[2], strict=True):
        logging.getLogger(name).setLevel(level)
    (server.handlers, server.propagate), sys.excepthook = servers_own, hook
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def an_error() -> RowError:
    with pytest.raises(RowError) as raised:
        raise RowError("Failing row contains (Secretname)")
    return raised.value


def test_an_error_is_logged_without_its_text(logged: Logged) -> None:
    error = an_error()
    line = logged(lambda: structlog.get_logger().error("request.failed", exc_info=error))
    assert line["error"].startswith("RowError in an_error:")
    assert "Secretname" not in str(line)


@pytest.mark.parametrize("library", ["uvicorn.error", "asyncio", "alembic.runtime", "sqlalchemy"])
def test_what_a_library_logs_is_a_line_like_ours_without_the_errors_text(
    logged: Logged, library: str
) -> None:
    """An event loop shows the task that failed, with its error's text, on further lines."""
    message = "Task exception was never retrieved\nfuture: <Task exception=RowError('Secretname')>"
    error = an_error()
    line = logged(lambda: logging.getLogger(library).error(message, exc_info=error))
    assert line.pop("error").startswith("RowError in an_error:")
    assert line.pop("timestamp")
    assert line == {
        "event": "Task exception was never retrieved",
        "level": "error",
        "logger": library,
        "service": "a-service",
    }


def test_a_warning_is_a_line_like_ours(logged: Logged) -> None:
    def warn() -> None:
        warnings.warn("This goes with the next version.", DeprecationWarning, stacklevel=1)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        line = logged(warn)
    assert line["event"].endswith("DeprecationWarning: This goes with the next version.")
    assert (line["logger"], line["level"]) == ("py.warnings", "warning")


def test_what_ends_a_process_is_a_line_like_ours(logged: Logged) -> None:
    error = an_error()
    line = logged(lambda: sys.excepthook(RowError, error, error.__traceback__))
    assert (line["event"], line["level"]) == ("process.failed", "critical")
    assert line["error"].startswith("RowError in an_error:")
    assert "Secretname" not in str(line)


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
