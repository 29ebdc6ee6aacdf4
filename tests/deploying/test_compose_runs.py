"""`deploy/compose.yaml` starts what it promises, with the variables that it gives and no other."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from attendance_contracts.topics import TOPICS
from attendance_runtime.messaging.kafka import connection_options
from attendance_runtime.settings import KafkaSettings

from .server import Server

pytestmark = pytest.mark.stack

ONCE = (
    "topics",
    "register-migrate",
    "notification-migrate",
    "escalation-migrate",
    "reporting-migrate",
)
SERVICES = ("register", "notification", "escalation", "reporting")
ENDED_WELL = 0


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    """The file's stores, with everything done that is done once."""
    # Not in pytest's folder: PostgreSQL runs as another user, who may not look into it.
    folder = Path(".stack") / f"compose-{os.getpid()}"
    try:
        async with Server(folder.resolve()) as opened:
            await asyncio.gather(opened.start_postgres(), opened.start_kafka())
            yield opened
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
async def prepared(server: Server) -> dict[str, tuple[int | None, str]]:
    """What is run once, and how it ended."""
    ends = await asyncio.gather(*(server.run(name) for name in ONCE))
    return dict(zip(ONCE, ends, strict=True))


@pytest.mark.parametrize("name", ONCE)
def test_what_is_run_once_ends_well(prepared: dict[str, tuple[int | None, str]], name: str) -> None:
    """Nobody made the topics; the migrations stood beside the package, not in it."""
    status, said = prepared[name]
    assert status == ENDED_WELL, said


@pytest.mark.usefixtures("prepared")
async def test_the_topics_are_made(server: Server) -> None:
    settings = KafkaSettings(bootstrap_servers=server.kafka.bootstrap_servers)
    admin = AIOKafkaAdminClient(**connection_options(settings))
    await admin.start()
    try:
        assert {topic.name for topic in TOPICS} <= set(await admin.list_topics())
    finally:
        await admin.close()


@pytest.mark.usefixtures("prepared")
async def test_every_process_comes_up(server: Server) -> None:
    names = [f"{service}-{role}" for service in SERVICES for role in ("api", "worker")]
    found = await asyncio.gather(*map(server.serves, names))
    assert dict(zip(names, found, strict=True)) == dict.fromkeys(names, "healthy")


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize("service", ["notification", "escalation", "reporting"])
async def test_a_command_of_the_runbook_has_what_it_needs(server: Server, service: str) -> None:
    status, said = await server.run_beside(f"{service}-worker", f"{service}_service", "resync")
    assert status == ENDED_WELL, said


@pytest.mark.parametrize("owner", SERVICES)
async def test_a_role_owns_its_own_database_and_enters_no_other(server: Server, owner: str) -> None:
    address = server.variables(f"{owner}-api")[f"{owner.upper()}_DATABASE_URL"]
    connection = await asyncpg.connect(address)
    owners = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert await connection.fetchval(owners) == owner
    assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = $1", owner)
    await connection.close()
    for other in {*SERVICES, "postgres"} - {owner}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(f"{address.rpartition('/')[0]}/{other}")
