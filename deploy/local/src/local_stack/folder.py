import json
import os
from dataclasses import dataclass
from pathlib import Path


def write_json(path: Path, value: object) -> None:
    """Write a JSON file for its owner alone; a reader sees the old one or the new, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@dataclass(frozen=True)
class StackFolder:
    """Where one stack keeps everything it owns; two stacks share nothing but the jar cache."""

    path: Path

    @classmethod
    def of(cls, stacks: Path, name: str) -> "StackFolder":
        """Return the folder of a stack by name."""
        return cls((stacks / name).resolve())

    def make(self) -> "StackFolder":
        """Make the folder if it is missing."""
        (self.path / "logs").mkdir(parents=True, exist_ok=True)
        return self

    @property
    def stack_file(self) -> Path:
        """What outside scripts read; there only while the stack is healthy."""
        return self.path / "stack.json"

    @property
    def processes_file(self) -> Path:
        """Every process started here, with its start time, so that only those are ever ended."""
        return self.path / "processes.json"

    @property
    def clients_file(self) -> Path:
        """The clients that the token issuer knows."""
        return self.path / "clients.json"

    @property
    def clock_file(self) -> Path:
        """The driven clock."""
        return self.path / "clock"

    @property
    def lock_file(self) -> Path:
        """Held by the supervisor for as long as it runs."""
        return self.path / "lock"

    def log(self, name: str) -> Path:
        """Return the log file of a process."""
        return self.path / "logs" / f"{name}.log"

    def data(self, part: str) -> Path:
        """Return the folder for a part's own data; it is made if it is missing."""
        path = self.path / part
        path.mkdir(mode=0o700, exist_ok=True)
        return path
