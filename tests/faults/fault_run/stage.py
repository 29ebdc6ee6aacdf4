"""What a fault has in hand: processes, databases, the provider's switches, the clock."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import psutil

from attendance_runtime.clock import write_driven_clock
from attendance_testing.platform import Platform
from fault_run.client import Client
from fault_run.ledger import Ledger
from fault_run.school_day import SchoolDay
from fault_run.town import Town

SERVICES: Final = ("register", "notification", "escalation", "reporting")
_ANSWERS_WITHIN_SECONDS: Final = 2.0
_AGAIN_SECONDS: Final = 0.1


class TooSlow(Exception):
    """Something that had to come true did not, in time."""


@dataclass(kw_only=True)
class Stage:
    """A running platform with a town on it, and a day in the middle of being played.

    Attributes:
        amiss: sentences on what should never have been seen, of the fault in hand.
        notes: figures and remarks worth keeping with its result.
        ended: when the fault ended, if that was before its function returned; in `time.monotonic`.
    """

    stack_file: Path
    platform: Platform
    town: Town
    client: Client
    ledger: Ledger
    chance: random.Random = field(init=False)
    day: SchoolDay = field(init=False)
    amiss: list[str] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    ended: float | None = None

    def met(self, what: str, count: int) -> None:
        """Note how often a fault met something; one that met nothing has proved nothing."""
        self.notes[what] = count
        if not count:
            self.amiss.append(f"The fault broke nothing: no {what}.")

    # Processes

    def process(self, name: str) -> psutil.Process:
        """Return one of the stack's processes as it runs now: it may have been started again."""
        processes = json.loads(self.stack_file.read_text())["processes"]
        return psutil.Process(processes[name]["pid"])

    def process_names(self, *starts: str) -> list[str]:
        """Return the names of the stack's processes that start so."""
        names = json.loads(self.stack_file.read_text())["processes"]
        return [name for name in names if name.startswith(starts)]

    def family(self, *names: str) -> list[psutil.Process]:
        """Return processes with all their children."""
        roots = [self.process(name) for name in names]
        return [member for root in roots for member in (root, *root.children(recursive=True))]

    def kill(self, *names: str, with_children: bool = False) -> None:
        """End processes as a crash would; the supervisor starts them again."""
        alone = [self.process(name) for name in names]
        for process in self.family(*names) if with_children else alone:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.ended = time.monotonic()

    @contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """Freeze processes with all their children until the block ends."""
        family = self.family(*names)
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.suspend()
        try:
            yield
        finally:
            for member in family:
                with suppress(psutil.NoSuchProcess):
                    member.resume()

    # Health

    def addresses(self) -> dict[str, str]:
        """Return the address of each API and worker process."""
        found: dict[str, str] = {}
        for service, known in self.platform.stack.services.items():
            for role, urls in (("api", known.api), ("worker", known.worker)):
                found |= {f"{service}-{role}-{n}": url for n, url in enumerate(urls, start=1)}
        return found

    async def readiness(self) -> dict[str, bool | None]:
        """Ask every process whether it can do its work; None where no answer comes in time."""
        addresses = self.addresses()
        async with httpx.AsyncClient(timeout=_ANSWERS_WITHIN_SECONDS) as http:

            async def ready(url: str) -> bool | None:
                try:
                    return (await http.get(f"{url}/readyz")).is_success
                except httpx.TransportError:
                    return None

            answers = await asyncio.gather(*map(ready, addresses.values()))
        return dict(zip(addresses, answers, strict=True))

    async def says_unready(self, *starts: str) -> None:
        """Hold processes to the truth: these cannot do their work now and must say so."""
        for name, ready in (await self.readiness()).items():
            if ready is not False and name.startswith(starts):
                said = "called itself ready" if ready else "did not answer whether it is ready"
                self.amiss.append(f"{name} {said}.")

    async def says_ready(self, *starts: str) -> None:
        """Hold processes to the truth: these can do their work now and must say so."""
        for name, ready in (await self.readiness()).items():
            if not ready and name.startswith(starts):
                self.amiss.append(f"{name} called itself not ready.")

    async def metric(self, process: str, name: str) -> float:
        """Return one of a process's figures; 0 when it has none or does not answer."""
        url = self.addresses()[process]
        try:
            async with httpx.AsyncClient(timeout=_ANSWERS_WITHIN_SECONDS) as http:
                page = (await http.get(f"{url}/metrics")).text
        except httpx.TransportError:
            return 0.0
        values = [line.rpartition(" ")[2] for line in page.splitlines() if line.startswith(name)]
        return float(values[0]) if values else 0.0

    async def relay_owner(self, service: str) -> str:
        """Return the worker whose relay publishes its service's outbox."""

        async def owner() -> str | None:
            for name in self.process_names(f"{service}-worker"):
                if await self.metric(name, "firstday_relay_active"):
                    return name
            return None

        found: str = await until(owner)
        return found

    # Databases

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """Connect to a service's database beside the service."""
        connection = await asyncpg.connect(self.platform.stack.services[service].database_url)
        try:
            yield connection
        finally:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await connection.close(timeout=5)

    @asynccontextmanager
    async def databases(
        self, services: Iterable[str] = SERVICES
    ) -> AsyncIterator[list[asyncpg.Connection]]:
        """Connect to several services' databases."""
        async with AsyncExitStack() as stack:
            yield [await stack.enter_async_context(self.database(one)) for one in services]

    # Provider and time

    async def sandbox(self, method: str, path: str, **body: Any) -> Any:
        """Use one of the sandbox's own routes; what it answers."""
        url = f"{self.platform.stack.sandbox.url}/sandbox/{path}"
        async with httpx.AsyncClient(timeout=10) as http:
            answer = await http.request(method, url, json=body or None)
        return answer.raise_for_status().json()

    @asynccontextmanager
    async def provider(self, switch: str, **setting: Any) -> AsyncIterator[None]:
        """Switch one of the provider's faults on until the block ends."""
        await self.sandbox("PUT", switch, **setting)
        try:
            yield
        finally:
            await self.sandbox("DELETE", "switches")

    def set_clock(self, now: datetime, *, rate: float = 1.0) -> None:
        """Set domain time by the clock's own file: the issuer, who does it too, may be away."""
        write_driven_clock(Path(self.platform.stack.clock.file), domain=now, rate=rate)
        self.ledger.journal.clock_set(now, rate)

    def now(self) -> datetime:
        """Return domain time."""
        return self.platform.clock.now()

    # The load

    async def contact_is_due(self) -> None:
        """Wait until the day's load has come to the moment of contact."""
        await self.day.contact_is_due.wait()


async def until(look: Callable[[], Awaitable[Any]], *, within_seconds: float = 60.0) -> Any:
    """Return the first answer that is something."""
    give_up = time.monotonic() + within_seconds
    while time.monotonic() < give_up:
        with suppress(httpx.TransportError, OSError, asyncpg.PostgresError, psutil.NoSuchProcess):
            if answer := await look():
                return answer
        await asyncio.sleep(_AGAIN_SECONDS)
    raise TooSlow(f"It did not come true within {within_seconds:.0f} seconds.")
