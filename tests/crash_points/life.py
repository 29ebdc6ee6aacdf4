"""One life of a process under test: a service's real entry point, in a forked child."""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path

import doors
from crossings import Crossings

from attendance_runtime.process import run
from local_stack.launch import die_with_parent


def live(number: int, words: tuple[str, str], environment: dict[str, str], folder: Path) -> None:
    """Be `python -m <package> <word>` with every door watched, until told to end."""
    package, _ = words
    die_with_parent(os.getppid(), signal.SIGKILL)  # nothing is left when the test itself is killed
    log = os.open(folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(environment)
    sys.argv = [*words]
    doors.watch_all(Crossings(folder, number))
    run(import_module(f"{package}.main").SERVICE)
