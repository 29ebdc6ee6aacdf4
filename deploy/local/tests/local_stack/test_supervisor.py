"""The supervisor with real processes: small servers that listen, or do not."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from local_stack import processes
from local_stack.child import ChildSpec
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.health import listens_on
from local_stack.ports import Ports
from local_stack.processes import Recorded
from local_stack.supervisor import Supervisor

LISTEN = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
time.sleep(60)
"""
PATIENCE_SECONDS = 15


def server(name: str = "server", program: str = LISTEN, ready_seconds: float = 10) -> ChildSpec:
    port = Ports().take()
    return ChildSpec(
        name=name,
        command=(sys.executable, "-I", "-c", program, str(port)),
        ready=listens_on(port),
        awaited=f"127.0.0.1:{port}",
        ready_seconds=ready_seconds,
    )


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def supervisor(folder: StackFolder, told: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(folder, told.append)
    yield supervisor
    await supervisor.stop()


async def test_a_child_that_is_killed_runs_again_at_the_same_address(
    supervisor: Supervisor, told: list[str]
) -> None:
    changed = asyncio.Event()
    await supervisor.start([server()])
    supervisor.changed = changed.set
    [child] = supervisor.children
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await asyncio.wait_for(changed.wait(), PATIENCE_SECONDS)
    assert child.pid not in {None, first}
    assert "server ended with exit code -9" in told[-1]
    for _ in range(PATIENCE_SECONDS * 20):
        if await child.spec.ready():
            return
        await asyncio.sleep(0.05)
    pytest.fail("the second start does not listen where the first did")


async def test_a_child_is_left_ended_when_asked_so(folder: StackFolder, told: list[str]) -> None:
    supervisor = Supervisor(folder, told.append, restart=False)
    await supervisor.start([server()])
    [child] = supervisor.children
    os.kill(child.pid or 0, signal.SIGKILL)
    assert await child.ended() == -signal.SIGKILL
    await asyncio.sleep(0.5)
    pids = {each.pid for each in supervisor.children}
    await supervisor.stop()
    assert pids == {None}
    assert told == []


async def test_a_stop_ends_every_child(supervisor: Supervisor, folder: StackFolder) -> None:
    await supervisor.start([server("one"), server("two")])
    pids = [child.pid for child in supervisor.children]
    await supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids if pid)
    assert not folder.processes_file.exists()


async def test_a_child_that_ends_at_once_is_shown_with_its_last_words(
    supervisor: Supervisor, folder: StackFolder
) -> None:
    broken = server("broken", "raise SystemExit('no such table: register')")
    with pytest.raises(StackError) as error:
        await supervisor.start([broken])
    assert "broken ended with exit code 1" in str(error.value)
    assert str(folder.log("broken")) in str(error.value)
    assert "no such table: register" in str(error.value)


async def test_a_child_that_never_serves_is_named_with_its_log(
    supervisor: Supervisor, folder: StackFolder
) -> None:
    deaf = server("deaf", "import time; time.sleep(60)", ready_seconds=0.5)
    with pytest.raises(StackError, match="deaf does not serve at") as error:
        await supervisor.start([deaf])
    assert str(folder.log("deaf")) in str(error.value)


async def test_a_command_that_fails_is_shown_with_its_last_words(supervisor: Supervisor) -> None:
    command = (sys.executable, "-I", "-c", "raise SystemExit('wrong revision')")
    with pytest.raises(StackError, match=r"migrate failed with exit code 1(.|\n)*wrong revision"):
        await supervisor.run("migrate", command, {})


@contextmanager
def bystander() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(60)"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_only_what_was_started_here_is_ever_ended(folder: StackFolder, told: list[str]) -> None:
    with bystander() as ours, bystander() as theirs:
        created = psutil.Process(ours.pid).create_time()
        # The second number belonged here an hour ago; by now it is somebody else's.
        left = [Recorded("ours", ours.pid, created), Recorded("gone", theirs.pid, created - 3600)]
        processes.write(folder.processes_file, left)
        Supervisor(folder, told.append).end_leftovers()
        assert ours.poll() is not None
        assert theirs.poll() is None
    assert told == ["Ended what an earlier run left behind: ours."]


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not tell children")
def test_children_end_with_a_supervisor_that_is_killed(folder: StackFolder, tmp_path: Path) -> None:
    program = tmp_path / "supervise.py"
    program.write_text(
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from local_stack.child import Child, ChildSpec\n"
        "async def main():\n"
        "    command = (sys.executable, '-I', '-c', 'import time; time.sleep(60)')\n"
        "    child = Child(ChildSpec('child', command, None, ''), Path(sys.argv[1]))\n"
        "    await child.start()\n"
        "    sys.stdout.write(f'{child.pid}\\n')\n"
        "    sys.stdout.flush()\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    supervisor = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(program), str(folder.log("child"))], stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    child = psutil.Process(int(supervisor.stdout.readline()))
    supervisor.kill()
    supervisor.communicate()
    psutil.wait_procs([child], timeout=PATIENCE_SECONDS)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
