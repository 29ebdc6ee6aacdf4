"""The doors through which a process speaks with the world outside, each watched from inside.

PostgreSQL, Kafka and HTTP each have one method of their client library through which everything
goes, whoever asks for it. What goes another way is noticed: `witnesses` counts on the other side.
"""

import asyncio
import re
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

import aiohttp
import httpx
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.produce import ProduceRequest
from asyncpg.protocol import Protocol
from crossings import Crossings
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

# Every way in which asyncpg lets a server execute something; `prepare` alone changes nothing.
_EXECUTING: Final = ("query", "bind_execute", "bind_execute_many", "execute", "copy_in", "copy_out")
# asyncpg asks about types when a connection first meets one, in the middle of any transaction: what
# comes after is no other crossing for it.
_OF_THE_CLIENT: Final = ("WITH RECURSIVE typeinfo_tree", "SELECT current_setting('jit')")
# It numbers savepoints through a process's whole life; the same crossing has the same words.
_SAVEPOINT: Final = re.compile(r"__asyncpg_savepoint_\w+?__")
# These find brokers and groups and fetch records. They change nothing that outlives the process,
# so a crash at one of them is a crash between two others. Any request not named here is a crossing.
_KEEPING_IN_TOUCH: Final = frozenset(
    f"{name}Request"
    for name in (
        "ApiVersion", "ApiVersions", "Metadata", "FindCoordinator", "JoinGroup", "SyncGroup",
        "Heartbeat", "LeaveGroup", "Offset", "OffsetFetch", "Fetch", "InitProducerId",
        "DescribeCluster",
    )
)  # fmt: skip
_RECORDS_AT: Final = 57  # of a record batch's header, Kafka's message format 2
_HEALTH: Final = frozenset({"/livez", "/readyz", "/metrics"})


def watch_all(crossings: Crossings) -> None:
    """Watch every door of this process from now on."""
    watch_postgres(crossings)
    watch_kafka(crossings)
    watch_calls(crossings)
    watch_answers(crossings)


def watch_postgres(crossings: Crossings) -> None:
    """Watch what is executed on any connection of asyncpg's, by whichever library."""
    trails: WeakKeyDictionary[Protocol, list[str]] = WeakKeyDictionary()

    def watched(execute: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def crossing(protocol: Protocol, *given: Any, **named: Any) -> Any:
            statement = _statement_of(*given, *named.values())
            trail = trails.setdefault(protocol, [])
            if statement.startswith(_OF_THE_CLIENT):
                trail = []
            elif not protocol.is_in_transaction():
                trail.clear()
            crossings.count("statements")
            crossings.cross("before", *trail, statement)
            if statement.startswith("COMMIT"):
                _when_sent(crossings, *trail, statement)
            answer = await execute(protocol, *given, **named)
            trail.append(statement + (" (nothing)" if _is_empty(answer) else ""))
            crossings.cross("after", *trail)
            return answer

        return crossing

    for name in _EXECUTING:
        setattr(Protocol, name, watched(getattr(Protocol, name)))


def _statement_of(asked: Any, *_: object) -> str:
    """Return the words of what is asked first: a statement, or one that was prepared."""
    words = " ".join(getattr(asked, "query", asked).split())
    return _SAVEPOINT.sub("savepoint", words)


def _is_empty(answer: Any) -> bool:
    """Tell whether a statement's answer, with or without its status, brings no row."""
    if isinstance(answer, tuple):
        return bytes(answer[1] or b"").endswith(b" 0")
    return bool(answer == [])


def watch_kafka(crossings: Crossings) -> None:
    """Watch what is asked of the brokers: produced batches, and all that changes something."""
    send = AIOKafkaConnection.send

    def crossing(self: AIOKafkaConnection, request: Any, **options: Any) -> Awaitable[Any]:
        kind = type(request).__name__
        if kind in _KEEPING_IN_TOUCH:
            return send(self, request, **options)  # type: ignore[no-any-return]
        name = kind
        if isinstance(request, ProduceRequest):
            topics = request._topics  # noqa: SLF001 - written down nowhere else
            name = f"{kind} {', '.join(sorted(topic for topic, _ in topics))}"
            crossings.count("records", sum(_records(batches) for _, batches in topics))
        crossings.cross("before", name)
        answering = send(self, request, **options)
        _when_sent(crossings, name)
        return answered(answering, name)

    async def answered(answering: Awaitable[Any], name: str) -> Any:
        answer = await answering
        crossings.cross("after", name)
        return answer

    AIOKafkaConnection.send = crossing


def _records(batches: list[tuple[int, bytes]]) -> int:
    return sum(struct.unpack_from(">i", batch, _RECORDS_AT)[0] for _, batch in batches)


def watch_calls(crossings: Crossings) -> None:
    """Watch every HTTP call: to the provider, to register-service, to the token issuer."""
    _watch_httpx(crossings)
    _watch_aiohttp(crossings)


def _watch_httpx(crossings: Crossings) -> None:
    call = httpx.AsyncHTTPTransport.handle_async_request

    async def crossing(
        transport: httpx.AsyncHTTPTransport, request: httpx.Request
    ) -> httpx.Response:
        name = f"{request.method} {request.url.path}"

        async def trace(event: str, _: object) -> None:
            if event.endswith("send_request_body.complete"):
                _when_sent(crossings, name)

        request.extensions = {**request.extensions, "trace": trace}
        crossings.cross("before", name)
        answer = await call(transport, request)
        crossings.cross("after", name)
        return answer

    httpx.AsyncHTTPTransport.handle_async_request = crossing  # type: ignore[method-assign, assignment]


def _watch_aiohttp(crossings: Crossings) -> None:
    """Watch a session's calls by its own tracing, which every session made from now on has."""
    watching = aiohttp.TraceConfig()

    def name_of(call: Any) -> str:
        return f"{call.method} {call.url.path}"

    async def before(_: object, __: object, call: aiohttp.TraceRequestStartParams) -> None:
        crossings.count("messages", int(name_of(call).startswith("POST /v2/notifications")))
        crossings.cross("before", name_of(call))

    async def sent(_: object, __: object, call: aiohttp.TraceRequestChunkSentParams) -> None:
        _when_sent(crossings, name_of(call))

    async def after(_: object, __: object, call: aiohttp.TraceRequestEndParams) -> None:
        crossings.cross("after", name_of(call))

    watching.on_request_start.append(before)
    watching.on_request_chunk_sent.append(sent)
    watching.on_request_end.append(after)
    make = aiohttp.ClientSession.__init__

    def watched(session: aiohttp.ClientSession, **options: Any) -> None:
        make(session, **options, trace_configs=[watching])

    aiohttp.ClientSession.__init__ = watched  # type: ignore[method-assign, assignment]


def watch_answers(crossings: Crossings) -> None:
    """Watch what is answered to clients: the acknowledgement of what was accepted."""
    send = RequestResponseCycle.send

    async def crossing(cycle: RequestResponseCycle, message: Any) -> None:
        route = cycle.scope.get("route")
        path = getattr(route, "path", cycle.scope["path"])
        if path in _HEALTH:
            await send(cycle, message)
            return
        name = f"{message['type']} to {cycle.scope['method']} {path}"
        crossings.cross("before", name)
        await send(cycle, message)
        crossings.cross("after", name)

    RequestResponseCycle.send = crossing  # type: ignore[method-assign, assignment]


def _when_sent(crossings: Crossings, *trail: str) -> None:
    """Cross when what was written has left: the loop's next turn comes before any answer."""
    asyncio.get_running_loop().call_soon(crossings.cross, "sent", *trail)
