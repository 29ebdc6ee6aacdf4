"""Commands run beside a stack, by the command line itself."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local_stack import stack_file
from local_stack.addresses import Addresses
from local_stack.clients import Clients
from local_stack.folder import StackFolder
from local_stack.outside import settings_of
from local_stack.services import SERVICES

REPORTING = next(service for service in SERVICES if service.name == "reporting")
TELL = "import json, os; print(json.dumps(dict(os.environ)))"
END_BY_SIGNAL = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"


def run(folder: StackFolder, *words: str) -> "subprocess.CompletedProcess[str]":
    where = ("--name", folder.path.name, "--stacks", str(folder.path.parent))
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "local_stack", "run", *where, "--service", "reporting", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def addresses(folder: StackFolder) -> Addresses:
    """A stack that is up, as far as its file says."""
    Clients(folder.clients_file).add_defaults()
    given = Addresses(
        kafka_bootstrap="127.0.0.1:20001",
        databases={"reporting": "postgresql://postgres@127.0.0.1:20002/reporting"},
        issuer_url="http://127.0.0.1:20003",
        apis={"register": ["http://127.0.0.1:20005"]},
    )
    given.databases |= {"register": "postgresql://postgres@127.0.0.1:20002/register"}
    stack_file.write(folder, given, [])
    return given


def test_a_command_is_told_what_the_supervisor_tells_the_service(
    folder: StackFolder, addresses: Addresses
) -> None:
    clients = {client.client_id: client for client in Clients(folder.clients_file)}
    told_by_supervisor = addresses.environment(REPORTING, clients[REPORTING.client_id])
    assert settings_of(folder, REPORTING) == told_by_supervisor

    told = json.loads(run(folder, "--", sys.executable, "-c", TELL).stdout)
    assert told_by_supervisor.items() <= told.items()
    assert told["PATH"] == os.environ["PATH"]


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize(
    ("program", "status"),
    [("", 0), ("import sys; sys.exit(2)", 2), (END_BY_SIGNAL, -signal.SIGTERM)],
    ids=["good", "bad", "by a signal"],
)
def test_the_exit_status_is_the_commands(folder: StackFolder, program: str, status: int) -> None:
    assert run(folder, "--", sys.executable, "-c", program).returncode == status


def test_a_stack_that_is_not_up_runs_nothing(folder: StackFolder) -> None:
    done = run(folder, "--", sys.executable, "-c", TELL)
    assert done.returncode == 1
    assert "`trial` is not up" in done.stdout


@pytest.mark.usefixtures("addresses")
def test_a_command_that_does_not_exist_is_one_sentence(folder: StackFolder) -> None:
    done = run(folder, "--", str(Path("nowhere") / "command"))
    assert done.returncode == 1
    assert done.stdout.startswith("There is no command")
