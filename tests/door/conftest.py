"""The front door in front of stand-ins that tell what reached them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from local_stack import door
from local_stack.addresses import Addresses
from local_stack.child import Child
from local_stack.folder import StackFolder
from local_stack.ports import LOOPBACK, Ports
from local_stack.services import SERVICES

STARTS_WITHIN_SECONDS = 30


@dataclass
class StandIn:
    """An API process that answers with what it was asked, and keeps it."""

    port: int
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until it ends."""
        while line := await reader.readline():
            path = line.decode().split(" ")[1]
            headers: dict[str, str] = {}
            while (line := await reader.readline()) != b"\r\n":
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            if not await _whole_body(reader, headers):
                break
            self.asked.append(path)
            answer = json.dumps({"path": path, "headers": headers}).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Trace-Id: t1\r\n"
                b"Server: stand-in\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer)
            )
            await writer.drain()
        writer.close()


async def _whole_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bool:
    """Read a body, of which only a chunked one ends early: by a size that is none."""
    try:
        await reader.readexactly(int(headers.get("content-length", 0)))
        while "transfer-encoding" in headers and (size := int(await reader.readline(), 16)):
            await reader.readexactly(size + 2)
    except (asyncio.IncompleteReadError, ValueError):
        return False
    return True


@dataclass
class Opened:
    """A door that serves, the processes behind register's API, and what it has logged."""

    url: str
    behind: list[StandIn]
    log: Callable[[], str]
    client: httpx.AsyncClient


@asynccontextmanager
async def opened(folder: StackFolder, *, url: str, missing: int = 0) -> AsyncIterator[Opened]:
    """Open a door before two processes of register-service; some of them may not be there."""
    ports = Ports()
    behind = [StandIn(ports.take()) for _ in range(2)]
    servers = [
        await asyncio.start_server(one.serve, LOOPBACK, one.port) for one in behind[missing:]
    ]
    apis = [f"http://{LOOPBACK}:{one.port}" for one in behind]
    addresses = Addresses(door_url=url, apis={service.name: apis for service in SERVICES})
    child = Child(door.spec(folder, addresses), folder.log("door"))
    await child.start()
    try:
        async with asyncio.timeout(STARTS_WITHIN_SECONDS):
            while not await child.spec.ready():
                assert child.pid, child.last_words()
                await asyncio.sleep(0.05)
        async with httpx.AsyncClient(base_url=url, verify=False) as client:  # noqa: S501 - its own
            await _has_its_certificate(client)
            yield Opened(url, behind, child.log.read_text, client)
    finally:
        await child.stop()
        for server in servers:
            server.close()


async def _has_its_certificate(client: httpx.AsyncClient) -> None:
    """Wait until a door behind TLS, which listens before it can, shows who it is."""
    async with asyncio.timeout(STARTS_WITHIN_SECONDS):
        while True:
            try:
                await client.get("/")
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return


@pytest.fixture
def folder(tmp_path: Path) -> StackFolder:
    return StackFolder.of(tmp_path, "door").make()


@pytest.fixture
def url() -> str:
    return f"http://{LOOPBACK}:{Ports().take()}"


@pytest.fixture
async def front_door(folder: StackFolder, url: str) -> AsyncIterator[Opened]:
    async with opened(folder, url=url) as door_:
        yield door_
