"""The processes under test, seen from outside: started by a fork, armed, and started again."""

import json
import mmap
import multiprocessing
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from crossings import (
    COUNTED,
    DIED_AT,
    ERA_AT,
    KILLED,
    SEEN_FILE,
    SHARED,
    SHARED_FILE,
    Moment,
)
from life import live

_SERVICES: Final = ("register", "notification", "escalation", "reporting")

# Everything is imported once, in a server that holds no thread and no event loop and only forks:
# a life then costs tens of milliseconds instead of seconds.
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["uvloop", *(f"{name}_service.main" for name in _SERVICES)])


@dataclass(frozen=True, slots=True)
class Point:
    """A place where a process can die."""

    process: str
    digest: str
    moment: Moment
    trail: tuple[str, ...]

    def __str__(self) -> str:
        place = f", {len(self.trail)} deep" if len(self.trail) > 1 else ""
        words = self.trail[-1] if len(self.trail[-1]) <= 60 else f"{self.trail[-1][:57]}..."
        return f"{self.process} dies: {self.moment} `{words}`{place} ({self.digest[:6]})"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A point that was crossed, in which era and in which life of its process."""

    point: Point
    era: int
    life: int


@dataclass(frozen=True, slots=True)
class End:
    """The end of a life: when, on the monotonic clock, and at which point's digest, if any."""

    at: float
    digest: str | None


class Armed:
    """One process under test.

    Args:
        name: `register-worker`, its service and what it is.
        environment: its settings.
        folder: what its two halves share.
    """

    def __init__(self, name: str, environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self.service, self.word = name.split("-")
        self._environment = environment
        self._folder = folder
        folder.mkdir(parents=True)
        (folder / SHARED_FILE).write_bytes(SHARED.pack(b"", b"", 0, *(0 for _ in COUNTED)))
        (folder / SEEN_FILE).touch()
        with (folder / SHARED_FILE).open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), SHARED.size)
        self._read_to = 0
        self.life = 0
        self._process: ForkServerProcess | None = None

    def start(self) -> None:
        """Begin a life."""
        self.life += 1
        words = (f"{self.service}_service", self.word)
        arguments = (self.life, words, self._environment, self._folder)
        self._process = _forks.Process(target=live, args=arguments, daemon=True)
        self._process.start()

    def arm(self, points: Iterable[Point]) -> None:
        """Let the process die at the first of some points that it comes to."""
        digests = b"".join(point.digest.encode() for point in points)
        self._shared[:DIED_AT] = digests.ljust(DIED_AT, b"-")

    def begin_era(self, era: int) -> None:
        """Let the process report all that it crosses from here on, known or not."""
        self._shared[ERA_AT] = era

    def has_ended(self) -> End | None:
        """Tell how this life has ended, if it has."""
        if self._process is None or self._process.exitcode is None:
            return None
        armed = self._process.exitcode == KILLED
        return End(time.monotonic(), self._shared[DIED_AT:ERA_AT].decode() if armed else None)

    def kill(self) -> None:
        """End the life at once."""
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def end(self) -> None:
        """End the life in peace."""
        if self._process is not None:
            self._process.terminate()
            self._process.join(timeout=20)
            self.kill()

    def wait(self) -> None:
        """Wait for a life that ends by itself; raise `RuntimeError` if it ends badly."""
        if self._process is not None:
            self._process.join()
            if self._process.exitcode:
                raise RuntimeError(f"{self.name} failed; {self._folder / 'log'} says why.")

    def counts(self) -> dict[str, int]:
        """Tell how much has left the process in all its lives."""
        _, _, _, *counts = SHARED.unpack(self._shared[:])
        return dict(zip(COUNTED, counts, strict=True))

    def newly_seen(self) -> Iterator[Sighting]:
        """Return what was seen since the last look."""
        with (self._folder / SEEN_FILE).open("rb") as file:
            file.seek(self._read_to)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._read_to += len(line)
                seen = json.loads(line)
                trail = tuple(seen["trail"])
                point = Point(self.name, seen["digest"], seen["moment"], trail)
                yield Sighting(point, seen["era"], seen["life"])
