import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from local_stack import launch

_LAUNCHER = (sys.executable, "-I", "-S", str(Path(launch.__file__)))


@dataclass(frozen=True)
class ChildSpec:
    """A process of the stack: what to run, and how to tell that it serves."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], Awaitable[bool]]
    awaited: str  # what `ready` looks at, in words: "127.0.0.1:24001"
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0
    ready_seconds: float = 60.0


class Child:
    """One process of the stack; started again, it is the same child with a new pid."""

    def __init__(self, spec: ChildSpec, log: Path) -> None:
        self.spec = spec
        self.log = log
        self.create_time = 0.0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The running process, if there is one."""
        process = self._process
        return process.pid if process and process.returncode is None else None

    async def start(self) -> None:
        """Start the process in its own session, so that Ctrl-C reaches the supervisor alone."""
        spec = self.spec
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *_LAUNCHER,
                str(os.getpid()),
                str(int(spec.stop_signal)),
                spec.user or "-",
                *spec.command,
                env={**os.environ, **spec.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        with suppress(psutil.NoSuchProcess):
            self.create_time = psutil.Process(self._process.pid).create_time()

    async def ended(self) -> int:
        """Wait for the end of the process and return its exit code."""
        return await self._process.wait() if self._process else 0

    async def stop(self) -> None:
        """Ask the process to end; end it by force when it takes too long."""
        if self._process is None or self.pid is None:
            return
        self._process.send_signal(self.spec.stop_signal)
        try:
            await asyncio.wait_for(self.ended(), self.spec.stop_seconds)
        except TimeoutError:
            self._process.kill()
            await self.ended()

    def last_words(self, lines: int = 12) -> str:
        """Return the end of the log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 8192))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
