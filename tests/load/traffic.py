"""A small HTTP/1.1 client for load: keeps connections open and parses no more than it must.

httpx costs about 1.5 ms of CPU a call, which on two cores would be most of what is measured.
A `429` or `503` is an answer: the call is sent again after the time that it names, and counted.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_TRY_AGAIN = {429, 503}


@dataclass(frozen=True, slots=True)
class Call:
    """One request: method, path and an encoded body."""

    method: str
    path: str
    body: bytes = b""


@dataclass(slots=True)
class Answers:
    """How long each call took, refusals and waits included, and how often one was refused."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    def percentile_ms(self, share: float) -> float:
        """Return the milliseconds that a share of the calls did not exceed, 0 for none."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Connection:
    """One kept-alive connection to an API process."""

    def __init__(self, base_url: str, token: str) -> None:
        address = urlsplit(base_url)
        self._host, self._port = address.hostname or "127.0.0.1", address.port or 80
        self._token = token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, call: Call, answers: Answers) -> None:
        """Send a call until it is taken, and note how it went. Any other answer is an error."""
        started = time.perf_counter()
        while True:
            status, header, body = await self._once(call)
            if status not in _TRY_AGAIN:
                break
            answers.refused += 1
            await asyncio.sleep(float(_value(header, b"retry-after") or 1))
        if status >= 300:
            raise RuntimeError(f"{call.path} was answered {status}: {body[:300]!r}")
        answers.seconds.append(time.perf_counter() - started)

    async def _once(self, call: Call) -> tuple[int, bytes, bytes]:
        """Send a call; the answer's status, header and body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = (
            f"{call.method} {call.path} HTTP/1.1\r\nHost: {self._host}\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(call.body)}\r\n\r\n"
        )
        writer.write(head.encode() + call.body)
        await writer.drain()
        header = await reader.readuntil(b"\r\n\r\n")
        length = int(_value(header, b"content-length") or 0)
        return int(header[9:12]), header, await reader.readexactly(length)

    async def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()


def _value(header: bytes, name: bytes) -> bytes:
    return header.lower().partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0].strip()


async def send_all(
    calls: Sequence[Call], base_urls: Sequence[str], token: str, *, in_flight: int
) -> Answers:
    """Send every call, a number of them at a time."""
    waiting = iter(calls)
    answers = Answers()

    async def work(number: int) -> None:
        connection = Connection(base_urls[number % len(base_urls)], token)
        for call in waiting:
            await connection.send(call, answers)
        await connection.close()

    async with asyncio.TaskGroup() as group:
        for number in range(in_flight):
            group.create_task(work(number))
    return answers


async def send_steadily(
    calls: Sequence[Call], base_urls: Sequence[str], token: str, *, per_second: float
) -> Answers:
    """Send calls at a steady rate, whatever the answers take."""
    idle: list[Connection] = []
    answers = Answers()
    started = time.perf_counter()

    async def one(call: Call, number: int) -> None:
        connection = idle.pop() if idle else Connection(base_urls[number % len(base_urls)], token)
        await connection.send(call, answers)
        idle.append(connection)

    async with asyncio.TaskGroup() as group:
        for number, call in enumerate(calls):
            ahead = started + number / per_second - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            group.create_task(one(call, number))
    for connection in idle:
        await connection.close()
    return answers


async def until(
    done: Callable[[], Awaitable[bool]], *, within_seconds: float, look_every: float = 0.02
) -> float:
    """Wait for a condition; the seconds it took. Raises when it does not come true in time."""
    started = time.perf_counter()
    while time.perf_counter() - started < within_seconds:
        if await done():
            return time.perf_counter() - started
        await asyncio.sleep(look_every)
    raise TimeoutError("The platform did not catch up in time.")
