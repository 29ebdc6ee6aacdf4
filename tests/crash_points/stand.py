"""What the processes under test stand on: real stores, the Notify sandbox, a token issuer."""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest
from armed import Armed

from attendance_testing.platform import Platform
from attendance_testing.stack_document import Stack
from local_stack.clients import Client
from local_stack.ports import LOOPBACK, Ports
from local_stack.services import SERVICES
from local_stack.stack_file import addresses_in

PARTS: Final = "postgres,kafka,sandbox,issuer"
PROCESSES: Final = (
    "register-api",
    "register-worker",
    "notification-worker",
    "escalation-worker",
    "reporting-worker",
)
_STARTS_WITHIN_SECONDS: Final = 120
# Long enough for calls on a busy machine. Nobody waits for a lease: it is ended by hand when its
# holder has died; the settling time is kept.
_SENDING: Final = {
    "NOTIFICATION_LEASE_SECONDS": "20",
    "NOTIFICATION_SETTLING_SECONDS": "2.5",
    "NOTIFICATION_NOTIFY_TIMEOUT_SECONDS": "8",
}
# One unauthorised session is a case, so that each run opens some and withdraws others.
_POLICY: Final = """
policy: crash-points
version: 1
authority: "332"
in_force_from: 2024-09-01
source: made for the crash points
rules:
  - rule: one-session
    title: One session of unauthorised absence
    count: [G, N, O, U]
    within: school-year
    sessions: 1
    case_for: attendance-lead
"""


@contextmanager
def own_stack() -> Iterator[Path]:
    """Run stores and doubles of our own until the block ends; their `stack.json`."""
    name = f"crash-points-{os.getpid()}"
    words = ["up", "--only", PARTS, "--clock", "driven", "--name", name, "--throwaway"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "local_stack", *words], stdout=subprocess.DEVNULL
    )
    document = Path(".stack") / name / "stack.json"
    give_up = time.monotonic() + _STARTS_WITHIN_SECONDS
    try:
        while not document.exists():
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("The stores did not start; their supervisor said why.")
            time.sleep(0.1)  # noqa: TID251 - before any event loop runs
        yield document
    finally:
        process.terminate()
        process.wait(timeout=60)


class Stand:
    """Addresses of the stack, its databases, and the processes under test."""

    def __init__(self, document: dict[str, Any], folder: Path) -> None:
        self._ports = Ports()
        self.addresses = addresses_in(document)
        api = f"http://{LOOPBACK}:{self._ports.take()}"
        self.addresses.apis["register"] = document["services"]["register"]["api"] = [api]
        self.document = document
        self.platform = Platform(msgspec.convert(document, Stack))
        self.databases: dict[str, asyncpg.Connection] = {}
        self._admin = AIOKafkaAdminClient(bootstrap_servers=self.addresses.kafka_bootstrap)
        os.environ["ESCALATION_POLICY_FOLDER"] = str(_policy_folder(folder))
        self._folder = folder
        self.processes = {name: self._process(name) for name in PROCESSES}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Migrate the databases and connect; at the end no process of ours is left."""
        self._migrate()
        try:
            async with self.platform:
                await self._connect()
                yield
        finally:
            for process in self.processes.values():
                process.kill()
            await self._admin.close()

    def _migrate(self) -> None:
        for service in SERVICES:
            migration = self._process(f"{service.name}-migrate")
            migration.start()
            migration.wait()

    async def _connect(self) -> None:
        """Open a connection of our own to each database, which its log is silent about."""
        for name, url in self.addresses.databases.items():
            self.databases[name] = await asyncpg.connect(
                url, server_settings={"log_statement": "none"}
            )
        # Processes die while the others are being looked at: forgetting them takes its own.
        self._leases = await asyncpg.connect(
            self.addresses.databases["notification"], server_settings={"log_statement": "none"}
        )
        await self._admin.start()

    def _process(self, name: str) -> Armed:
        service = next(one for one in SERVICES if name.startswith(one.name))
        client = Client(**self.document["clients"][service.client_id])
        environment = self.addresses.environment(service, client) | _SENDING
        environment[f"{service.prefix}_WORKER_PORT"] = str(self._ports.take())
        environment["REGISTER_PORT"] = self.addresses.apis["register"][0].rpartition(":")[2]
        return Armed(name, environment, self._folder / name)

    async def forget(self, process: Armed) -> None:
        """Let the world notice at once that a process is gone, instead of after its time limits.

        What must hold afterwards is the same: the group gives its partitions to others, and others
        may look at the messages that it had in hand.
        """
        if process.word != "worker":
            return
        if process.service == "notification":
            await self._leases.execute(
                "UPDATE messages SET lease_until = clock_timestamp() WHERE state = 'sending'"
            )
        group = f"{process.service}-service"
        coordinator = await self._admin.find_coordinator(group)
        for answer in await self._admin.describe_consumer_groups([group], coordinator):
            for member in answer.groups[0][5]:
                await self._admin._client.send(  # noqa: SLF001 - it has no public way to do it
                    coordinator, LeaveGroupRequest(group, member[0])
                )


def _policy_folder(folder: Path) -> Path:
    policies = folder / "policies"
    policies.mkdir(parents=True)
    (policies / "crash-points.yaml").write_text(_POLICY)
    return policies
