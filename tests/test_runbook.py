"""What the documents tell an operator to type or to watch exists: names go stale silently."""

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib import import_module
from pathlib import Path

import httpx
import pytest

from attendance_runtime.process import words_of

ROOT = Path(__file__).parents[1]
FILES = [
    path
    for pattern in ("*.md", "docs/*.md", "*/*/README.md", "tests/**/*.md")
    for path in sorted(ROOT.glob(pattern))
    if path.name != "CHANGELOG.md"
]
SERVICES = ("register", "notification", "escalation", "reporting")
PAGES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in FILES}
EVERY_PAGE = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)

_METRIC = re.compile(r"firstday_[a-z_]*[a-z]")
_COMMAND = re.compile(r"python -m (\w+_service|<service>) (\w+)")
_TARGET = re.compile(r"`make ([a-z]+)|^make ([a-z]+)", re.MULTILINE)


def a_free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as opened:
        return int(opened.getsockname()[1])


@contextmanager
def a_worker(service: str) -> Iterator[str]:
    """A service's real worker process, with nothing it needs; it says how it fares all the same."""
    port, prefix = a_free_port(), service.upper()
    settings = {
        f"{prefix}_DATABASE_URL": "postgresql://127.0.0.1:1/none",
        f"{prefix}_WORKER_PORT": str(port),
        f"{prefix}_REGISTER_URL": "http://127.0.0.1:1",
        f"{prefix}_NOTIFY_URL": "http://127.0.0.1:1",
        f"{prefix}_NOTIFY_API_KEY": "none",
        f"{prefix}_CALLBACK_TOKEN": "agreed-with-nobody",
        f"{prefix}_CLIENT_ID": service,
        f"{prefix}_CLIENT_SECRET": "none",
        "FIRSTDAY_ENVIRONMENT": "test",
        "FIRSTDAY_ISSUER_URL": "http://127.0.0.1:1",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    }
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", f"{service}_service", "worker"],
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}/metrics"
    finally:
        process.kill()
        process.wait()


async def shown_at(url: str) -> str:
    """Ask a process for its metrics until it listens."""
    async with asyncio.timeout(120), httpx.AsyncClient(timeout=30) as client:
        while True:
            try:
                return (await client.get(url)).text
            except httpx.ConnectError:
                await asyncio.sleep(0.2)


@pytest.fixture(scope="module")
async def metrics() -> set[str]:
    """Every metric of ours that the four services show, by the names that a graph would use."""
    with ExitStack() as stack:
        urls = [stack.enter_context(a_worker(service)) for service in SERVICES]
        pages = await asyncio.gather(*map(shown_at, urls))
    return {
        name
        for page in pages
        for line in page.splitlines()
        if line.startswith("# TYPE ")
        for name in _names_of(*line.split()[2:])
    }


def _names_of(name: str, kind: str) -> Iterator[str]:
    yield name
    if kind == "histogram":
        yield from (f"{name}_bucket", f"{name}_sum", f"{name}_count")


@EVERY_PAGE
async def test_every_metric_that_is_named_is_shown(page: str, metrics: set[str]) -> None:
    named = set(_METRIC.findall(page))
    assert named <= metrics


async def test_the_runbook_tells_of_every_gauge_of_what_waits(metrics: set[str]) -> None:
    waiting = {
        "firstday_dead_letters_waiting",
        "firstday_messages_overdue",
        "firstday_registers_missing",
        "firstday_families_untold",
        "firstday_database_connections_in_use",
        "firstday_lanes_stopped",
    }
    assert waiting <= metrics
    assert waiting <= set(_METRIC.findall(PAGES["docs/runbook.md"]))


@EVERY_PAGE
def test_every_command_that_is_named_is_known(page: str) -> None:
    known = {
        (f"{service}_service", word)
        for service in SERVICES
        for word in words_of(import_module(f"{service}_service.main").SERVICE)
    }
    known |= {("<service>", word) for _, word in known}
    assert set(_COMMAND.findall(page)) <= known


@EVERY_PAGE
def test_every_make_target_that_is_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {one or other for one, other in _TARGET.findall(page)}
    assert named <= targets
