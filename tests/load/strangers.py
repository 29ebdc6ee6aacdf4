"""What strangers without a token cost somebody else: `python tests/load/strangers.py`.

The good caller is one school's office: class registers at a steady rate, through the front door and
at a service's own port. Beside it, from a process of their own, strangers send what is never
answered with work. Each is measured right after the good caller alone, and memory is the most seen.
"""

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import authority
import psutil
from bench import UNLIMITED, stack
from loaded import Loaded
from traffic import Call, send_steadily

_SECONDS = 6
_ROUNDS = 3
_A_SECOND = 25
_MEGABYTE = 1024 * 1024
_PIECE = b"x" * 65536
_Strangers = Callable[["Target"], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where strangers send what they send."""

    port: int
    path: str

    @property
    def start(self) -> bytes:
        """The beginning of a request that nobody may make."""
        return f"PUT {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()


async def _pour(target: Target, head: bytes, megabytes: int) -> None:
    """Send so much after a head, or what is taken of it."""
    with suppress(ConnectionError):
        _, writer = await asyncio.open_connection("127.0.0.1", target.port)
        writer.write(head)
        for _ in range(megabytes * _MEGABYTE // len(_PIECE)):
            writer.write(_PIECE)
            await writer.drain()
        writer.close()


async def large_bodies(target: Target) -> None:
    """Twenty bodies of 15 MB a second, without a token."""
    head = target.start + b"Content-Type: application/json\r\nContent-Length: 15728640\r\n\r\n"
    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(_pour(target, head, 15))
            await asyncio.sleep(0.05)


async def large_headers(target: Target) -> None:
    """A header of 150 MB, twice a second."""
    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(_pour(target, target.start + b"X: ", 150))
            await asyncio.sleep(0.5)


async def _hold(target: Target, head: bytes, every: float | None) -> None:
    """Hold a connection with half a request; send another byte every so many seconds."""
    while True:
        with suppress(ConnectionError):
            reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
            writer.write(head)
            while not reader.at_eof():
                await asyncio.sleep(every or 1)
                if every:
                    writer.write(b"x")
                    await writer.drain()
            writer.close()


async def slow_senders(target: Target) -> None:
    """Three hundred send their headers a byte a second, three hundred their bodies."""
    body = target.start + b"Content-Length: 1000\r\n\r\n"
    async with asyncio.TaskGroup() as group:
        for head in [target.start + b"X: ", body] * 300:
            group.create_task(_hold(target, head, 1))


async def half_open(target: Target) -> None:
    """Fifteen hundred connect, send half a request and wait."""
    async with asyncio.TaskGroup() as group:
        for _ in range(1500):
            group.create_task(_hold(target, target.start, None))


STRANGERS: dict[str, _Strangers] = {
    strangers.__name__: strangers
    for strangers in (large_bodies, large_headers, slow_senders, half_open)
}


def main() -> None:
    """Measure on a stack of one's own, or be the strangers of somebody who measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as", dest="strangers", choices=STRANGERS)
    parser.add_argument("--port", type=int)
    parser.add_argument("--path", default="/")
    given = parser.parse_args()
    if given.strangers:
        asyncio.run(STRANGERS[given.strangers](Target(given.port, given.path)))
        return
    with stack(**UNLIMITED) as document:
        asyncio.run(_measure(document))


async def _measure(document: dict[str, Any]) -> None:
    loaded = Loaded(document, authority.schools(1, 1000))
    await loaded.progress.connect()
    await loaded.load()
    token = await loaded.token(f"school:{loaded.schools[0].urn}")
    door, [port] = document["door"]["url"], loaded.api("register")
    programs = [document["processes"][name]["pid"] for name in ("door", "register-api-1")]
    for url, prefix in ((door, "/api/register"), (port, "")):
        for strangers in STRANGERS:
            ratios, most = list[float](), [0, 0]
            for _ in range(_ROUNDS):
                wanted = await _registers(loaded, prefix)
                alone = await send_steadily(wanted, [url], token, per_second=_A_SECOND)
                wanted = await _registers(loaded, prefix)  # sent again, they would cost less
                target = Target(int(url.rpartition(":")[2]), wanted[0].path)
                with _beside(strangers, target, programs, most):
                    await asyncio.sleep(2)
                    beside = await send_steadily(wanted, [url], token, per_second=_A_SECOND)
                ratios.append(beside.percentile_ms(0.99) / alone.percentile_ms(0.99))
            times = " ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
            sys.stdout.write(
                f"{'door' if prefix else 'port'} {strangers:14} p99 {times} times that of alone; "
                f"the door has {most[0]} MB at most, the API {most[1]} MB\n"
            )
            sys.stdout.flush()
    await loaded.progress.close()


@contextmanager
def _beside(
    strangers: str, target: Target, programs: Sequence[int], most: list[int]
) -> Iterator[None]:
    """Have strangers at work while the block lasts, and watch what memory programs take."""
    words = ["--as", strangers, "--port", str(target.port), "--path", target.path]
    process = subprocess.Popen([sys.executable, __file__, *words])  # noqa: S603 - this file
    watching = asyncio.create_task(_most_memory(programs, most))
    try:
        yield
        if process.poll() is not None:
            raise RuntimeError(f"{strangers} ended before they were told to.")
    finally:
        watching.cancel()
        process.kill()
        process.wait()


async def _registers(loaded: Loaded, prefix: str) -> Sequence[Call]:
    """A school's class registers, sent over and over for as long as one measure takes."""
    calls = authority.class_registers(loaded.schools, *await loaded.next_session())
    with_prefix = (Call(call.method, prefix + call.path, call.body) for call in cycle(calls))
    return list(islice(with_prefix, _SECONDS * _A_SECOND))


async def _most_memory(programs: Sequence[int], most: list[int]) -> None:
    """Keep the most megabytes that each process has had."""
    while True:
        for place, pid in enumerate(programs):
            now = psutil.Process(pid).memory_info().rss // _MEGABYTE
            most[place] = max(most[place], now)
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    main()
