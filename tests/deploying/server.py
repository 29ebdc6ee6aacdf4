"""A server on this machine, started from `deploy/compose.yaml` without Docker.

Each command runs as its container would: from the image's environment, with exactly the variables
that the file gives it. Only places differ: hosts become this machine, ports free ones.
"""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Self
from uuid import uuid4

from local_stack import jars
from local_stack.child import Child
from local_stack.folder import StackFolder
from local_stack.health import listens_on
from local_stack.kafka import Kafka
from local_stack.ports import LOOPBACK, Ports
from local_stack.postgres import Postgres, binary

from .compose_file import DEPLOY, Services, read_env, services, steps
from .installed import environment

PATIENCE_SECONDS: Final = 600  # nine processes on two cores that others use too
# What nobody can make up; the kinds of values that env.example asks for.
MADE_UP: Final = {
    "FIRSTDAY_DOMAIN": "attendance.example.org",
    "FIRSTDAY_ISSUER_URL": "https://issuer.example.org",
    "NOTIFY_API_KEY": f"firstday-{uuid4()}-{uuid4()}",
}


def environment_file(folder: Path) -> dict[str, str]:
    """Follow the README's first two steps in a folder; the variables that they make."""
    (folder / "deploy").mkdir(parents=True)
    shutil.copy(DEPLOY / "env.example", folder / "deploy")
    for step in steps()[:2]:
        subprocess.run(["/bin/sh", "-eu", "-c", step], cwd=folder, check=True)  # noqa: S603
    made = read_env((folder / "deploy" / ".env").read_text())
    return {name: value or MADE_UP.get(name) or str(uuid4()) for name, value in made.items()}


class Server:
    """The stores and processes of the file."""

    def __init__(self, folder: Path) -> None:
        self.folder = StackFolder(folder).make()
        self.told = environment_file(folder)
        self.services: Services = services(self.told)
        ports = Ports()
        self.postgres = Postgres(self.folder, ports.take())
        self.kafka = Kafka(
            self.folder,
            jars.fetch(jars.recorded(), jars.cache_folder()),
            port=ports.take(),
            controller_port=ports.take(),
        )
        self.ports = {name: ports.take() for name in self.services}
        self._image = environment()
        self._running: list[asyncio.subprocess.Process] = []
        self._stores: list[Child] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._running:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        await asyncio.gather(*(process.wait() for process in self._running))
        for child in self._stores:
            await child.stop()

    def here(self, text: str, port: int) -> str:
        """The same with this machine's places: the stores', the register's, the process's own."""
        places = {
            "@postgres:5432/": f"@{LOOPBACK}:{self.postgres.port}/",
            "kafka:9092": self.kafka.bootstrap_servers,
            "0.0.0.0:9092": self.kafka.bootstrap_servers,
            "127.0.0.1:9093": f"{LOOPBACK}:{self.kafka.controller_port}",
            "register-api:8000": f"{LOOPBACK}:{self.ports['register-api']}",
            **{f"127.0.0.1:{inside}": f"{LOOPBACK}:{port}" for inside in (8000, 8001)},
        }
        for there, here in places.items():
            text = text.replace(there, here)
        return text

    def variables(self, name: str) -> dict[str, str]:
        """What the file gives a process, with this machine's places."""
        told = self.services[name]["environment"]
        port = self.ports[name]
        own = {"0.0.0.0": LOOPBACK, "8000": str(port), "8001": str(port)}  # noqa: S104 - replaced
        return {key: own.get(value) or self.here(value, port) for key, value in told.items()}

    def words(self, name: str) -> list[str]:
        """How a container runs a command: the image's entry point, and the file's words."""
        return [str(self._image / "bin" / "python"), "-m", *self.services[name]["command"]]

    async def start_postgres(self) -> None:
        """Start PostgreSQL and do with the file's script as its image does."""
        await asyncio.to_thread(self.postgres.prepare)
        await self._start_store(Child(self.postgres.spec(), self.folder.log("postgres")))
        script = DEPLOY / "postgres" / "databases.sql"
        where = {"PGHOST": LOOPBACK, "PGPORT": str(self.postgres.port), "PGUSER": "postgres"}
        where["PGPASSWORD"] = self.postgres.password
        status, said = await self.ended(
            await self._process(
                [binary("psql"), "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-f", str(script)],
                where | self.variables("postgres"),
            )
        )
        if status:
            raise RuntimeError(said)

    async def start_kafka(self) -> None:
        """Start Kafka with what its image's own program makes of the file's variables."""
        data = self.folder.data("kafka")
        wrapper = self.kafka.command("kafka.docker.KafkaDockerWrapper")
        folders = ("--default-configs-dir", "--mounted-configs-dir", "--final-configs-dir")
        setup = [*wrapper, "setup", *(word for one in folders for word in (one, str(data)))]
        told = self.variables("kafka")
        told["KAFKA_LOG_DIRS"] = told["KAFKA_LOG_DIRS"].replace("/var/lib/kafka", str(data))
        status, said = await self.ended(await self._process(setup, told))
        if status:
            raise RuntimeError(said)
        await self._start_store(Child(self.kafka.spec(), self.folder.log("kafka")))

    async def _start_store(self, child: Child) -> None:
        await child.start()
        self._stores.append(child)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await child.spec.ready():
                if child.pid is None:
                    raise RuntimeError(child.last_words())
                await asyncio.sleep(0.1)

    async def run(self, name: str) -> tuple[int | None, str]:
        """Run one of the file's commands to its end; its status and what it said."""
        return await self.ended(await self._process(self.words(name), self.variables(name)))

    async def run_beside(self, name: str, *words: str) -> tuple[int | None, str]:
        """Run another command with a process's variables, as `docker compose run` does."""
        python, module, *_ = self.words(name)
        return await self.ended(await self._process([python, module, *words], self.variables(name)))

    async def serves(self, name: str) -> str:
        """Start a process and try its health check until it passes; what was said if it ends."""
        log = self.folder.log(name)
        with log.open("wb") as output:
            process = await self._process(self.words(name), self.variables(name), output)
        self._running.append(process)
        _, python, *check = self.services[name]["healthcheck"]["test"]
        python = python.replace("/venv", str(self._image))
        check = [python, *(self.here(word, self.ports[name]) for word in check)]
        # Not before somebody listens: each check is a process beside those that are waited for.
        listening = listens_on(self.ports[name])
        async with asyncio.timeout(PATIENCE_SECONDS):
            while process.returncode is None:
                if not await listening():
                    await asyncio.sleep(0.2)
                    continue
                status, _ = await self.ended(await self._process(check, {}))
                if status == 0:
                    return "healthy"
                await asyncio.sleep(1)
        return log.read_text()

    async def _process(
        self,
        words: list[str],
        variables: Mapping[str, str],
        output: IO[bytes] | int = subprocess.PIPE,
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *words,
            env=dict(variables),
            cwd=self.folder.path,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    async def ended(self, process: asyncio.subprocess.Process) -> tuple[int | None, str]:
        """Wait for a process; its status and what it said."""
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
        return process.returncode, said.decode()
