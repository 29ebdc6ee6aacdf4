"""Keeping a stack up: in the foreground until a signal, or detached once it is healthy."""

import asyncio
import fcntl
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psutil

from local_stack import processes
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.processes import Recorded
from local_stack.stack import Stack, Wanted
from local_stack.supervisor import Supervisor

_HEALTHY_WITHIN_SECONDS = 300
_DOWN_WITHIN_SECONDS = 60
_LOOK_AGAIN_SECONDS = 0.1


def in_foreground(
    folder: StackFolder,
    wanted: Wanted,
    tell: Callable[[str], None],
    *,
    restart: bool,
    throwaway: bool,
) -> None:
    """Start a stack and keep it up until SIGINT, SIGTERM or SIGHUP; then end all of it."""
    with _held(folder):
        supervisor = Supervisor(folder, tell, restart=restart)
        stack = Stack(folder, wanted, supervisor, tell)
        try:
            asyncio.run(_keep_up(folder, stack, supervisor, tell))
        finally:
            if throwaway:
                shutil.rmtree(folder.path, ignore_errors=True)


async def _keep_up(
    folder: StackFolder, stack: Stack, supervisor: Supervisor, tell: Callable[[str], None]
) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    starting = asyncio.create_task(stack.start())
    asked_to_end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked_to_end.set)
    ending = asyncio.create_task(asked_to_end.wait())
    try:
        await asyncio.wait((starting, ending), return_when=asyncio.FIRST_COMPLETED)
        if not asked_to_end.is_set():
            starting.result()
            tell(f"Up in {loop.time() - began:.1f} s: {folder.stack_file}")
            await ending
        tell("Ending.")
    finally:
        starting.cancel()
        ending.cancel()
        await asyncio.gather(starting, ending, return_exceptions=True)
        folder.stack_file.unlink(missing_ok=True)
        await supervisor.stop()


@contextmanager
def _held(folder: StackFolder) -> Iterator[None]:
    """Hold a stack's folder: one supervisor at a time, and none once it has ended."""
    with folder.lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"The stack `{folder.path.name}` is up already: see `status`, end it with `down`, "
                "or start another with --name."
            ) from None
        yield


def detached(folder: StackFolder, arguments: Sequence[str]) -> None:
    """Start a supervisor of its own and return when its stack is healthy."""
    with _held(folder):
        folder.stack_file.unlink(missing_ok=True)
    log = folder.log("supervisor")
    with log.open("wb") as output:
        supervisor = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-m", "local_stack", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    give_up = time.monotonic() + _HEALTHY_WITHIN_SECONDS
    while not folder.stack_file.exists():
        if supervisor.poll() is not None:
            raise StackError(log.read_text().strip())
        if time.monotonic() > give_up:
            supervisor.terminate()
            raise StackError(f"The stack is not healthy; the supervisor's log is {log}.")
        _pause()


def down(folder: StackFolder) -> list[str]:
    """End a stack; return what was left to end by hand because its supervisor had been killed."""
    recorded = processes.read(folder.processes_file)
    supervisor = next((entry for entry in recorded if entry.name == processes.SUPERVISOR), None)
    if supervisor and (process := supervisor.running()):
        process.terminate()
        psutil.wait_procs([process], timeout=_DOWN_WITHIN_SECONDS)
    left: list[Recorded] = processes.read(folder.processes_file)
    names = processes.end(left, patience_seconds=20)
    folder.processes_file.unlink(missing_ok=True)
    folder.stack_file.unlink(missing_ok=True)
    return names


def _pause() -> None:
    time.sleep(_LOOK_AGAIN_SECONDS)  # noqa: TID251 - a command line waits here, no event loop runs
