"""The record of what was started here: what a killed supervisor left is found by it, and ended."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from local_stack.folder import write_json

SUPERVISOR = "supervisor"
_SAME_MOMENT_SECONDS = 2.0  # the kernel counts from boot, and the clock may be corrected


@dataclass(frozen=True)
class Recorded:
    """A process by number and start time: a number alone may belong to somebody else by now."""

    name: str
    pid: int
    create_time: float

    def running(self) -> psutil.Process | None:
        """Return the process if it still runs and is the one that was recorded."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.create_time) < _SAME_MOMENT_SECONDS
            alive = process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if same and alive else None


def read(path: Path) -> list[Recorded]:
    """Read the record; none when there is no file."""
    if not path.exists():
        return []
    return [Recorded(**entry) for entry in json.loads(path.read_text())]


def write(path: Path, processes: list[Recorded]) -> None:
    """Write the record."""
    write_json(path, [asdict(process) for process in processes])


def end(recorded: list[Recorded], *, patience_seconds: float) -> list[str]:
    """End the recorded processes that still run, by force if need be; return their names."""
    running = [(entry.name, process) for entry in recorded if (process := entry.running())]
    for _, process in running:
        process.terminate()
    _, stubborn = psutil.wait_procs([p for _, p in running], timeout=patience_seconds)
    for process in stubborn:
        process.kill()
    psutil.wait_procs(stubborn, timeout=patience_seconds)
    return [name for name, _ in running]
