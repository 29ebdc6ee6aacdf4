"""A service's processes: `python -m <service> --help` lists them.

`api` answers requests. `worker` publishes the outbox, consumes events and runs the service's own
tasks. Any number of each may run: the relay elects one active owner, partitions are shared out.
"""

import asyncio
import gc
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType

import structlog
import uvicorn
import uvloop
from fastapi import APIRouter

from attendance_runtime import telemetry
from attendance_runtime.access.callers import TokenVerifier
from attendance_runtime.access.issuer_keys import IssuerKeys
from attendance_runtime.access.tokens import TokenRules
from attendance_runtime.clock import clock_from
from attendance_runtime.command_line import chosen, help_of
from attendance_runtime.copies import rebuilding
from attendance_runtime.copies.rebuilding import Rebuild
from attendance_runtime.database import Database
from attendance_runtime.errors import Unavailable
from attendance_runtime.messaging import dead_letters, kafka
from attendance_runtime.messaging.consumer import Consumer, ConsumerSettings, Route
from attendance_runtime.messaging.relay import Relay, RelaySettings
from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import KafkaSettings, ServiceSettings
from attendance_runtime.waiting import DEAD_LETTERS, Counts, Waiting
from attendance_runtime.web import listening
from attendance_runtime.web.edge import Health, create_app, document

_log = structlog.get_logger()

Task = Callable[[Runtime, asyncio.Event], Coroutine[None, None, None]]

# A worker frozen inside a transaction must not keep its rows locked: PostgreSQL ends it instead.
_WORKER_LIMITS = {
    "idle_in_transaction_session_timeout": "4s",
    "lock_timeout": "10s",
    "statement_timeout": "20s",
}
_API_LIMITS = {"lock_timeout": "5s", "statement_timeout": "20s"}


@dataclass(frozen=True, kw_only=True)
class Service:
    """What makes a service different from the others.

    Attributes:
        name: its name in events, logs and consumer groups, `register-service`.
        package: its Python package, with the migrations in it.
        settings: its settings class.
        routers: its subjects' HTTP routes.
        tags: what the routes of each tag are for, in a sentence of the OpenAPI document.
        routes: which event types go to which use case, in the order they run within a batch.
        tasks: what its worker does besides; each ends when the event it is given is set.
        consumer: its consumer's budgets; one whose results nobody waits for gathers longer.
        relay: its relay's, likewise; None for a service that announces nothing.
        resync: how it settles dead letters: by the present state of what they are about.
        rebuild: how it makes anew what it keeps; None for the one that all others are rebuilt from.
        waiting: gauges of what waits for somebody, which its workers show.
        commands: further words for the command line, `recount` for instance, whose help is their
            docstring's first paragraph.
        elsewhere: words that its `__main__` answers before anything is composed, with their help.
    """

    name: str
    package: ModuleType
    settings: type[ServiceSettings]
    routers: Sequence[APIRouter] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    routes: Sequence[Route] = ()
    tasks: Sequence[Task] = ()
    consumer: ConsumerSettings = field(default_factory=ConsumerSettings)
    relay: RelaySettings | None = field(default_factory=RelaySettings)
    resync: Callable[[Runtime], dead_letters.Resync] | None = None
    rebuild: Rebuild | None = None
    waiting: Sequence[Waiting] = ()
    commands: Mapping[str, Callable[[Runtime], Awaitable[int]]] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)


def words_of(service: Service) -> dict[str, str]:
    """Return every word of a service's command line, with its help."""
    own = {"api": _api, "worker": _worker, "migrate": migrate, "openapi": openapi}
    if service.resync:
        own["resync"] = resync
    if service.rebuild:
        own["rebuild"] = rebuild
    helped = {word: help_of(work) for word, work in {**own, **service.commands}.items()}
    return {**helped, **service.elsewhere}


def run(service: Service) -> None:
    """Run the process that the command line names and exit with its status."""
    purpose = f"What {service.name} can do."
    asked = chosen(
        service.package.__name__, purpose, words_of(service), options=[rebuilding.RESTART]
    )
    word = asked.word
    if word == "openapi":
        sys.stdout.write(openapi(service))
        sys.exit(0)
    settings = service.settings()
    name = f"{service.name}-{word}"
    telemetry.configure(name, settings.log_level, collector=settings.collector)
    if word == "migrate":
        migrate(service, settings)
        sys.exit(0)
    works: dict[str, Callable[[Service, Runtime], Awaitable[int]]] = {
        "api": _api,
        "worker": _worker,
        "resync": resync,
        "rebuild": partial(rebuild, restart=asked.values),
        **{name: _once(work) for name, work in service.commands.items()},
    }
    # What is loaded by now stays for good: a collection that walks it for each few thousand marks
    # read took as long as reading them.
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
    try:
        status = uvloop.run(_run(service, settings, works[word], word))
    finally:
        telemetry.hand_over()
    sys.exit(status)


def openapi(service: Service) -> str:
    """Return the OpenAPI 3.1 document of the service's routes, as JSON."""
    app = document(service.name, service.routers, tags=service.tags)
    return json.dumps(app.openapi(), indent=2) + "\n"


def migrate(service: Service, settings: ServiceSettings) -> None:
    """Bring the service's database to the newest revision."""
    # Alembic is a fifth of what a process imports, and only this one needs it.
    from attendance_runtime import migrations  # noqa: PLC0415

    limits = migrations.MigrationLimits(
        wait=settings.migration_wait_seconds,
        lock=settings.migration_lock_seconds,
        statement=settings.migration_statement_seconds,
    )
    try:
        migrations.migrate(service.package, settings.database_url, limits=limits)
    except migrations.MigrationGaveUp as gave_up:
        sys.exit(str(gave_up))


async def resync(service: Service, runtime: Runtime) -> int:
    """Settle the service's dead letters; 1 when some stay, of which the log says why."""
    if service.resync is None:
        return 0
    try:
        settle = service.resync(runtime)
    except Unavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    done = await dead_letters.resync_all(runtime.database, service.name, settle)
    sys.stdout.write(f"resync: {done.resolved} dead letters resolved, {done.failed} left\n")
    return 1 if done.failed else 0


async def rebuild(service: Service, runtime: Runtime, *, restart: Sequence[str] = ()) -> int:
    """Make what the service keeps what the register says now, beside its workers.

    1 if something still differs, 2 if register or Kafka could not be read.
    """
    if service.rebuild is None:
        return 0
    return await rebuilding.rebuild(
        runtime, service.rebuild, service.routes, group=service.name, restart=restart
    )


async def _run(
    service: Service,
    settings: ServiceSettings,
    work: Callable[[Service, Runtime], Awaitable[int]],
    word: str,
) -> int:
    runtime = Runtime(
        settings=settings,
        kafka=KafkaSettings(),
        clock=clock_from(settings.clock),
        database=Database(
            settings.database_url,
            pool_size=settings.database_pool_size,
            server_settings=_WORKER_LIMITS if word == "worker" else _API_LIMITS,
        ),
        verifier=TokenVerifier(TokenRules.of(settings), IssuerKeys(settings.issuer_url)),
    )
    try:
        return await work(service, runtime)
    finally:
        await runtime.database.dispose()


async def _api(service: Service, runtime: Runtime) -> int:
    """Answer requests until told to stop."""
    app = create_app(service.name, runtime, service.routers, tags=service.tags)
    _told_to_stop()  # uvicorn ends by itself, and then raises the signal again
    await listening.server(app, runtime.settings.host, runtime.settings.port).serve()
    return 0


async def _worker(service: Service, runtime: Runtime) -> int:
    """Publish, consume and run the service's own tasks until told to stop, or until one fails.

    A part that fails ends the process: the supervisor starts it again with clean state, which is
    safer than a worker that goes on without one of its parts.
    """
    stopping = _told_to_stop()
    consumer = _consumer(service, runtime)
    letters = [DEAD_LETTERS] if service.routes else []
    counts = Counts(runtime.database, runtime.clock, [*letters, *service.waiting])
    health = Health(
        brokers_answer=partial(kafka.brokers_answer, runtime.kafka), measure=counts.refresh
    )
    if consumer:
        health = replace(health, is_live=consumer.is_live, can_work=lambda: not consumer.stopped)
    app = create_app(service.name, runtime, (), health=health)
    server = listening.server(app, runtime.settings.host, runtime.settings.worker_port)
    parts = [_serve_until(stopping, server)]
    if service.relay:
        relay = Relay(runtime.database, runtime.kafka, service.name, settings=service.relay)
        parts.append(relay.run(stopping))
    if consumer:
        parts.append(consumer.run(stopping))
    parts += [task(runtime, stopping) for task in service.tasks]
    status = 0
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    except* Exception as failures:  # noqa: BLE001 - whatever ended a part ends the worker
        for failure in failures.exceptions:
            _log.error("worker.failed", exc_info=failure)
        status = 1
    return status


def _told_to_stop() -> asyncio.Event:
    """Return what is set once the process is told to stop; a signal then ends nothing by itself."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _consumer(service: Service, runtime: Runtime) -> Consumer | None:
    """Build the consumer of a service that has routes."""
    if not service.routes:
        return None
    remedy = f"python -m {service.package.__name__} rebuild"
    return Consumer(
        runtime.database,
        runtime.kafka,
        group=service.name,
        routes=service.routes,
        clock=runtime.clock,
        settings=replace(service.consumer, rebuild_command=remedy),
        on_committed=runtime.commits.tell,
    )


async def _serve_until(stopping: asyncio.Event, server: uvicorn.Server) -> None:
    serving = asyncio.create_task(server.serve())
    await stopping.wait()
    server.should_exit = True
    await serving


def _once(
    work: Callable[[Runtime], Awaitable[int]],
) -> Callable[[Service, Runtime], Awaitable[int]]:
    async def run_once(_: Service, runtime: Runtime) -> int:
        return await work(runtime)

    return run_once
