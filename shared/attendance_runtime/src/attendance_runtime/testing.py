"""Fixtures on real parts: one embedded PostgreSQL and one Kafka for a whole test run.

A root `conftest.py` names this module in `pytest_plugins`; a service's conftest then builds its own
database from it. Migrations run once; each test's work is rolled back.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import httpx
import pytest
import uvicorn
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import Connection, MetaData, text
from starlette.types import ASGIApp

from attendance_contracts.events import TYPE_OF, compaction_key, partition_key
from attendance_runtime.access.callers import TokenVerifier
from attendance_runtime.access.issuer_keys import GivenKeys
from attendance_runtime.access.tokens import TokenRules
from attendance_runtime.clock import Clock
from attendance_runtime.database import Database, SqlSession
from attendance_runtime.database_url import driver_options
from attendance_runtime.messaging.dead_letters import unresolved
from attendance_runtime.messaging.lanes import lane_of
from attendance_runtime.process import Service
from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import KafkaSettings, ServiceSettings
from attendance_runtime.web.edge import create_app

_ISSUER = "https://issuer.test.example.org"
_PARTS_START_SECONDS = 120

Opened = TypeVar("Opened")

# The parts of a test run: a stack that somebody keeps up (FIRSTDAY_TEST_STACK names its
# stack.json), or one of the run's own, started for the first test that asks and ended with the run.
StackDocument = dict[str, Any]

_PARTITIONS = "SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackDocument]:
    """Real PostgreSQL and Kafka: the addresses in a local stack's `stack.json`."""
    existing = os.environ.get("FIRSTDAY_TEST_STACK")
    if existing:
        yield json.loads(Path(existing).read_text())
        return
    name = f"tests-{os.getpid()}"
    command = [sys.executable, "-m", "local_stack"]
    log = tmp_path_factory.mktemp("stack") / "stack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "up", "--only", "postgres,kafka", "--name", name, "--throwaway"],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    document = Path(".stack") / name / "stack.json"
    try:
        _await_document(document, process, log)
        yield json.loads(document.read_text())
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await_document(document: Path, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = time.monotonic() + _PARTS_START_SECONDS
    while not document.exists():
        if process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"The test stack did not start:\n{log.read_text()}")
        time.sleep(0.1)  # noqa: TID251 - before any event loop runs


@pytest.fixture(scope="session")
def kafka_bootstrap(stack: StackDocument) -> str:
    """Where the run's Kafka listens."""
    return str(stack["kafka"]["bootstrap_servers"])


@pytest.fixture(scope="session")
def postgres_url(stack: StackDocument) -> str:
    """A database of the run's PostgreSQL from which others are created."""
    return str(stack["postgres"]["url"])


@asynccontextmanager
async def created_database(postgres_url: str, name: str) -> AsyncIterator[str]:
    """Create an empty database for some tests and drop it after them; its address."""
    unique = f"{name}_{uuid4().hex[:8]}"
    await _administer(postgres_url, f'CREATE DATABASE "{unique}"')
    yield f"{postgres_url.rpartition('/')[0]}/{unique}"
    await _administer(postgres_url, f'DROP DATABASE "{unique}" WITH (FORCE)')


def database_fixture(service_folder: Path) -> Any:  # noqa: ANN401 - pytest's fixture type
    """Build the session-wide `database` fixture of a service: created anew, migrated once."""
    name = f"test_{service_folder.name.replace('-', '_')}"

    @pytest.fixture(scope="session")
    async def database(postgres_url: str) -> AsyncIterator[Database]:
        async with created_database(postgres_url, name) as url:
            migrate_by_alembic(service_folder, url)
            opened = Database(url, pool_size=8)
            yield opened
            await opened.dispose()

    return database


def migrate_by_alembic(service_folder: Path, database_url: str, *, upto: str = "head") -> None:
    """Run a service's real migrations, in a process of their own: Alembic runs an event loop."""
    program = (
        "import importlib, sys; from attendance_runtime.migrations import migrate;"
        "migrate(importlib.import_module(sys.argv[1]), sys.argv[2], revision=sys.argv[3])"
    )
    package = service_folder.name.replace("-", "_")
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", program, package, database_url, upto], check=True
    )


async def schema_differences(database: Database, metadata: MetaData) -> list[object]:
    """Return how a migrated database differs from the metadata that its service's code uses.

    Tables, columns, types, defaults, indexes and constraints; nothing, if the migrations are right.
    A partition is its table's and is not compared apart.
    """
    async with database.engine.connect() as connection:
        partitions = frozenset(await connection.scalars(text(_PARTITIONS)))

        def is_whole(name: str | None, kind: str, _: object) -> bool:
            return kind != "table" or name not in partitions

        def differences(sync: Connection) -> list[object]:
            options = {"include_name": is_whole, "compare_server_default": True}
            return list(compare_metadata(MigrationContext.configure(sync, opts=options), metadata))

        return await connection.run_sync(differences)


async def _administer(url: str, statement: str) -> None:
    connection = await asyncpg.connect(**driver_options(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def transaction_fixture() -> Any:  # noqa: ANN401 - pytest's fixture type
    """Build the `db` fixture of a service: a transaction rolled back after the test."""

    @pytest.fixture
    async def db(database: Database) -> AsyncIterator[SqlSession]:
        async with rolled_back(database.transaction()) as opened:
            yield opened

    return db


class _RollBack(Exception):
    """Ends a transaction or a savepoint without a trace."""


@asynccontextmanager
async def rolled_back(begun: AbstractAsyncContextManager[Opened]) -> AsyncIterator[Opened]:
    """Open a transaction or a savepoint, and take back all that happened in it."""
    with suppress(_RollBack):
        async with begun as opened:
            yield opened
            raise _RollBack


async def park(database: Database, service: Service, event: object) -> None:
    """Leave the dead letter of an event that a service could not apply."""
    kind = TYPE_OF[type(event)]
    lane = lane_of(kind.topic.name, str(partition_key(event)), kind.topic.partitions)
    async with database.transaction() as db:
        await db.execute(
            _PARK,
            {
                "group": service.name,
                "topic": lane.topic,
                "partition": lane.partition,
                "type": kind.type,
                "key": compaction_key(event),
            },
        )


_PARK = text("""
    INSERT INTO dead_letter
           (consumer_group, topic, partition, "offset", route, part, type, key, kind, error)
    SELECT :group, :topic, :partition, count(*), 'use_case', -1, :type, :key, 'parked', 'Bug'
    FROM dead_letter
""")


async def letters_left(database: Database, service: Service) -> list[str]:
    """Return the keys of a service's dead letters that nothing has settled yet."""
    async with database.transaction() as db:
        return [letter.key for letter in await unresolved(db, service.name)]


class TokenIssuer:
    """Issues real RS256 access tokens inside a test, with keys of its own."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
        public = self.key.as_dict(private=False)
        self.verifier = TokenVerifier(TokenRules(_ISSUER, "firstday"), GivenKeys.of([public]))

    def token(self, *, subject: str, organisation: str, scopes: str, **claims: object) -> str:
        """Return an access token valid for an hour; further claims replace the usual ones."""
        issued = int(time.time())
        payload: dict[str, object] = {
            "iss": _ISSUER,
            "aud": "firstday",
            "sub": subject,
            "client_id": subject,
            "org": organisation,
            "scope": scopes,
            "iat": issued,
            "exp": issued + 3600,
            "jti": uuid4().hex,
        } | claims
        header = {"alg": "RS256", "typ": "at+jwt", "kid": "test"}
        return jwt.encode(header, payload, self.key)

    def headers(self, *, subject: str, organisation: str, scopes: str) -> dict[str, str]:
        """Return the header that carries such a token."""
        token = self.token(subject=subject, organisation=organisation, scopes=scopes)
        return {"Authorization": f"Bearer {token}"}


def runtime_for(
    service: Service, database: Database, clock: Clock, issuer: TokenIssuer, **settings: object
) -> Runtime:
    """Return what a service's process works with, on a test's database and without Kafka."""
    return Runtime(
        settings=_settings(service.settings, database, settings),
        kafka=KafkaSettings(bootstrap_servers="127.0.0.1:1"),
        clock=clock,
        database=database,
        verifier=issuer.verifier,
    )


def client_for(
    service: Service, database: Database, clock: Clock, issuer: TokenIssuer, **settings: object
) -> httpx.AsyncClient:
    """Return a client that talks to a service's application inside the test's process."""
    runtime = runtime_for(service, database, clock, issuer, **settings)
    app = create_app(service.name, runtime, service.routers)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://service.example.org")


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine until the block ends; its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def _settings(
    kind: Callable[..., ServiceSettings], database: Database, given: dict[str, object]
) -> ServiceSettings:
    defaults = {"database_url": database.url, "environment": "test", "issuer_url": _ISSUER}
    return kind(**(defaults | given))
