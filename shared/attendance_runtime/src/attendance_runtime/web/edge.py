"""The HTTP edge that all services share: problems, tracing, metrics and health."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attendance_runtime.database import Database
from attendance_runtime.runtime import Runtime
from attendance_runtime.telemetry import name_span, traced
from attendance_runtime.trouble import is_transient
from attendance_runtime.web import docs_page, problems
from attendance_runtime.web.answers import Application, Explained
from attendance_runtime.web.guarded import ORDINARY_BODY_BYTES
from attendance_runtime.web.limits import Quota, Quotas
from attendance_runtime.web.openapi import about
from attendance_runtime.web.paths import AsSent

# Labels never name a school or a child: the route's template, not its path.
_REQUESTS = Counter("firstday_http_requests", "Requests answered", ["method", "route", "status"])
_SECONDS = Histogram(
    "firstday_http_request_seconds",
    "Time to answer a request",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
_IN_USE = Gauge("firstday_database_connections_in_use", "Connections of the pool that are in use")
_CONNECTIONS = Gauge("firstday_database_connections", "Connections that the pool may have")


async def _needs_none() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Health:
    """What a process says of itself, besides that it answers and that its database does.

    Attributes:
        is_live: False when only a restart would help.
        can_work: False when somebody has to look before all of its work can go on.
        brokers_answer: False while what it publishes or consumes cannot move.
        measure: brings what `/metrics` shows up to date.
    """

    is_live: Callable[[], bool] = lambda: True
    can_work: Callable[[], bool] = lambda: True
    brokers_answer: Callable[[], Awaitable[bool]] = _needs_none
    measure: Callable[[], Awaitable[object]] = _needs_none


def create_app(
    title: str,
    runtime: Runtime,
    routers: Sequence[APIRouter],
    *,
    health: Health | None = None,
    tags: Mapping[str, str] | None = None,
) -> FastAPI:
    """Compose a service's application: its routers, with everything that none of them repeats."""
    app = document(title, routers, tags=tags)
    app.state.runtime = runtime
    app.state.writers = {}  # filled by `coalescing`
    app.state.quotas = Quotas(Quota.of(runtime.settings))
    problems.install(app)
    docs_page.install(app)
    app.include_router(_health_router(runtime, health or Health()))
    app.add_middleware(Explained)
    app.add_middleware(Observed)
    app.add_middleware(AsSent)
    return app


def document(
    title: str, routers: Sequence[APIRouter], *, tags: Mapping[str, str] | None = None
) -> FastAPI:
    """Compose the routes alone, which is all that their OpenAPI document needs.

    `tags` says in a sentence what the routes of each tag are for.
    """
    app = Application(
        version=version("attendance-runtime"),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        telemetry=_OBSERVED_BY_US,
        generate_unique_id_function=lambda route: route.name,
        **about(title, tags or {}),
    )
    for router in routers:
        app.include_router(router, max_body_size=ORDINARY_BODY_BYTES)
    return app


# `Observed` traces and measures every request; twice took a tenth of a small request's time.
_OBSERVED_BY_US: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


class Observed:
    """Continues the caller's trace, names it in the answer, and measures every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, inside a span, and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), trace]
            await send(message)

        headers = dict(scope["headers"])
        traceparent = headers.get(b"traceparent", b"").decode("latin-1") or None
        try:
            with traced(f"{scope['method']} request", traceparent) as trace_id:
                scope[problems.TRACE_ID] = trace_id
                trace = (problems.TRACE_HEADER.lower().encode(), trace_id.encode())
                await self._app(scope, receive, send_observed)
                name_span(f"{scope['method']} {_route_of(scope)}")
        finally:
            route = _route_of(scope)
            _REQUESTS.labels(scope["method"], route, str(status)).inc()
            _SECONDS.labels(scope["method"], route).observe(time.perf_counter() - started)


def _route_of(scope: Scope) -> str:
    """Name a request's route by its template: a path may hold a child's id."""
    return getattr(scope.get("route"), "path", "unknown")


class DatabaseProbe:
    """Tells within a second whether the service's database answers, also when it stands still.

    One question at a time: a server that stands still answers none, and each would hold one of the
    pool's connections until its time-out. It is not cancelled either: that would cost one each.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking: asyncio.Task[bool] | None = None

    async def answers(self) -> bool:
        """Ask, or wait for the answer to what was asked before; none in time is a no."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        await asyncio.wait({self._asking}, timeout=_PROBE_SECONDS)
        return self._asking.done() and self._asking.result()

    async def _ask(self) -> bool:
        try:
            async with self._database.one_statement() as db:
                await db.execute(text("SELECT 1"))
        except Exception as error:
            if is_transient(error):
                return False
            raise
        return True


# Whoever asks gives up after a second or two.
_PROBE_SECONDS = 1.0


def _health_router(runtime: Runtime, health: Health) -> APIRouter:
    """Offer `/livez`, `/readyz` and `/metrics`, which say nothing about any person or school."""
    router = APIRouter(include_in_schema=False)
    database = DatabaseProbe(runtime.database)

    @router.get("/livez", summary="The process runs", response_model=None)
    async def livez() -> Response | dict[str, str]:
        if health.is_live():
            return {"status": "live"}
        return problems.problem(503, "Stuck", detail="Nothing moves; restart this process.")

    @router.get("/readyz", summary="The process can do its work now", response_model=None)
    async def readyz() -> Response | dict[str, str]:
        if health.can_work() and await database.answers() and await health.brokers_answer():
            return {"status": "ready"}
        response = problems.problem(503, "Not ready", detail="A part this needs is away.")
        response.headers["Retry-After"] = "1"
        return response

    @router.get("/metrics", summary="Prometheus metrics")
    async def metrics(_: Request) -> Response:
        await health.measure()
        _IN_USE.set(runtime.database.connections_in_use)
        _CONNECTIONS.set(runtime.settings.database_pool_size)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
