"""The command line with a real PostgreSQL: killed, recovered, ended; two stacks side by side."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

pytestmark = pytest.mark.stack

PATIENCE_SECONDS = 30


class CommandLine:
    """`python -m local_stack` on stacks of the test's own."""

    def __init__(self, stacks: Path) -> None:
        self.stacks = stacks

    def run(self, command: str, name: str, *options: str) -> "subprocess.CompletedProcess[str]":
        where = ("--name", name, "--stacks", str(self.stacks))
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "local_stack", command, *options, *where],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def up(self, name: str) -> dict[str, Any]:
        done = self.run("up", name, "--only", "postgres", "--detach")
        assert done.returncode == 0, done.stdout
        return self.document(name)

    def document(self, name: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.stacks / name / "stack.json").read_text())
        return document

    def processes(self, name: str) -> dict[str, psutil.Process]:
        recorded = json.loads((self.stacks / name / "processes.json").read_text())
        return {entry["name"]: psutil.Process(entry["pid"]) for entry in recorded}


@pytest.fixture(scope="session")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """One stack called `one` for all of these tests."""
    line = CommandLine(tmp_path_factory.mktemp("stacks"))
    line.up("one")
    yield line
    for recorded in line.stacks.glob("*/processes.json"):
        line.run("down", recorded.parent.name)


async def execute(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_stack_recovers_after_everything_was_killed(command_line: CommandLine) -> None:
    url = command_line.document("one")["services"]["register"]["database_url"]
    await execute(url, "CREATE TABLE kept AS SELECT 1 AS child")
    killed = command_line.processes("one")
    for process in killed.values():
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(killed.values(), timeout=PATIENCE_SECONDS)
    assert "is not up" in command_line.run("status", "one").stdout

    url = command_line.up("one")["services"]["register"]["database_url"]
    assert await execute(url, "SELECT count(*) FROM kept") == 1
    assert await execute(url, "SHOW fsync") == "on"


async def test_two_stacks_share_nothing_and_end_apart(command_line: CommandLine) -> None:
    one, two = command_line.document("one"), command_line.up("two")
    await execute(two["postgres"]["url"], "CREATE TABLE only_here (child int)")
    running = list(command_line.processes("two").values())
    assert command_line.run("down", "two").stdout.strip() == "Down."
    gone, alive = psutil.wait_procs(running, timeout=PATIENCE_SECONDS)
    assert (len(gone), alive) == (2, [])
    assert not (command_line.stacks / "two" / "stack.json").exists()
    assert await execute(one["postgres"]["url"], "SELECT to_regclass('only_here')") is None


def test_a_stack_that_is_up_is_not_started_twice(command_line: CommandLine) -> None:
    before = command_line.document("one")
    done = command_line.run("up", "one", "--only", "postgres")
    assert done.returncode == 1
    assert "is up already" in done.stdout
    assert command_line.document("one") == before


def test_a_part_that_does_not_exist_is_named(command_line: CommandLine) -> None:
    done = command_line.run("up", "three", "--only", "postgres,kafak")
    assert done.returncode == 1
    assert "No part is called kafak" in done.stdout


async def test_a_password_guards_the_port(command_line: CommandLine) -> None:
    url = command_line.document("one")["postgres"]["url"]
    password = url.partition("postgres:")[2].partition("@")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await execute(url.replace(password, "guess"), "SELECT 1")


def test_there_is_no_local_stack_in_production(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTDAY_ENVIRONMENT", "production")
    done = command_line.run("up", "four", "--only", "postgres", "--clock", "driven")
    assert done.returncode == 1
    assert "does not run where production does" in done.stdout
    assert not (command_line.stacks / "four" / "clock").exists()
