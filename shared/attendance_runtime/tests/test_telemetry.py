"""Logs name errors by class and place: what an error says may be about a person."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

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
