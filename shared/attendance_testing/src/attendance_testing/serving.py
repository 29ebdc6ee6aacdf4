"""A service inside the test's process: what it works with, a client of it, a port of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import uvicorn
from starlette.types import ASGIApp

from attendance_runtime.clock import Clock
from attendance_runtime.database import Database
from attendance_runtime.process import Service
from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import KafkaSettings, ServiceSettings
from attendance_runtime.web.edge import create_app
from attendance_testing.tokens import ISSUER, TokenIssuer


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
    defaults = {"database_url": database.url, "environment": "test", "issuer_url": ISSUER}
    return kind(**(defaults | given))
