"""Fixtures on real parts: one embedded PostgreSQL and one Kafka for a whole test run.

The root's `conftest.py` names this module in `pytest_plugins`; a service's conftest then builds its
own database from it (`databases`).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_PARTS_START_SECONDS = 120

# The parts of a test run: a stack that somebody keeps up (FIRSTDAY_TEST_STACK names its
# stack.json), or one of the run's own, started for the first test that asks and ended with the run.
StackDocument = dict[str, Any]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackDocument]:
    """Real PostgreSQL and Kafka: the addresses in a local stack's `stack.json`."""
    existing = os.environ.get("FIRSTDAY_TEST_STACK")
    if existing:
        yield json.loads(Path(existing).read_text())
        return
    name = f"tests-{os.getpid()}"
    command = [sys.executable, "-m", "local_stack"]
    log = tmp_path_factory.mktemp("stack") / "stack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "up", "--only", "postgres,kafka", "--name", name, "--throwaway"],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    document = Path(".stack") / name / "stack.json"
    try:
        _await_document(document, process, log)
        yield json.loads(document.read_text())
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await_document(document: Path, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = time.monotonic() + _PARTS_START_SECONDS
    while not document.exists():
        if process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"The test stack did not start:\n{log.read_text()}")
        time.sleep(0.1)  # noqa: TID251 - before any event loop runs


@pytest.fixture(scope="session")
def kafka_bootstrap(stack: StackDocument) -> str:
    """Where the run's Kafka listens."""
    return str(stack["kafka"]["bootstrap_servers"])


@pytest.fixture(scope="session")
def postgres_url(stack: StackDocument) -> str:
    """A database of the run's PostgreSQL from which others are created."""
    return str(stack["postgres"]["url"])
