"""A whole platform of one's own, two processes of everything, with a clock to drive."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SHORT_LEASES: Final = {
    "NOTIFICATION_LEASE_SECONDS": "8",
    "NOTIFICATION_SETTLING_SECONDS": "3",
    "NOTIFICATION_NOTIFY_TIMEOUT_SECONDS": "3",
    "NOTIFICATION_REGISTER_TIMEOUT_SECONDS": "2",
}
"""About a quarter of what they are in service: there are sixty faults to wait for."""
_STARTS_WITHIN_SECONDS: Final = 240.0
_WORDS: Final = ("--clock", "driven", "--api", "2", "--worker", "2")
_LOG: Final = Path("build/faults-stack.log")


class NotStarted(Exception):
    """The stack did not come up."""


@contextmanager
def own_stack() -> Iterator[Path]:
    """Start a stack, yield its `stack.json`, end it; its folder stays, with every log."""
    folder = Path(".stack") / f"faults-{os.getpid()}"
    words = [sys.executable, "-m", "local_stack", "up", "--name", folder.name, *_WORDS]
    _LOG.parent.mkdir(exist_ok=True)
    with _LOG.open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            words, env={**os.environ, **SHORT_LEASES}, stdout=log, stderr=log
        )
        try:
            _await_file(folder / "stack.json", process)
            yield folder / "stack.json"
        finally:
            process.terminate()
            process.wait(60)


def _await_file(file: Path, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + _STARTS_WITHIN_SECONDS
    while not file.exists():
        if process.poll() is not None or time.monotonic() > give_up:
            raise NotStarted(f"The stack did not start; {_LOG} says why.")
        time.sleep(0.2)  # noqa: TID251 - before any event loop runs
