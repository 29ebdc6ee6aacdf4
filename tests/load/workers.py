"""Two and four workers of every service: partitions move under load, and nothing may be lost."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import authority
import httpx
from bare import bare
from loaded import Figures, Loaded
from traffic import send_steadily, until

from local_stack.ports import Ports
from registers import CLASSES, end_to_end, marks_in

_STEADY_MARKS_A_SECOND = 1000
_STEADY_SECONDS = 30  # a dozen processes that start take most of it
_END_SECONDS = 20


class MoreWorkers:
    """Workers beside those of the stack, ended with the block."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._started: list[subprocess.Popen[bytes]] = []
        self._names: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            process.terminate()
        for process in self._started:
            process.wait(timeout=_END_SECONDS)
        for name in self._names:
            del self._loaded.document["processes"][name]
        for service in self._loaded.document["services"].values():
            del service["worker"][1:]

    async def raise_to(self, count: int) -> None:
        """Start workers until each service has so many, and wait until all of them are ready."""
        ports, urls = Ports(), []
        for service, known in self._loaded.document["services"].items():
            for number in range(len(known["worker"]) + 1, count + 1):
                url = f"http://127.0.0.1:{ports.take()}"
                self._start(service, number, url)
                known["worker"].append(url)
                urls.append(url)
        await until(lambda: _all_ready(urls), within_seconds=120, look_every=1)

    def _start(self, service: str, number: int, url: str) -> None:
        folder = Path(self._loaded.document["folder"])
        name = f"{service}-worker-{number}"
        beside = ["run", "--name", folder.name, "--stacks", str(folder.parent)]
        worker = [sys.executable, "-m", f"{service}_service", "worker"]
        port = {f"{service.upper()}_WORKER_PORT": url.rpartition(":")[2]}
        with (folder / "logs" / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "local_stack", *beside, "--service", service, "--", *worker],
                env=os.environ | port,
                stdout=log,
                stderr=log,
            )
        self._started.append(process)
        self._names.append(name)
        self._loaded.document["processes"][name] = {"pid": process.pid}


async def _all_ready(urls: Sequence[str]) -> bool:
    async with httpx.AsyncClient() as http:
        try:
            answers = [await http.get(f"{url}/readyz") for url in urls]
        except httpx.TransportError:
            return False
    return all(answer.is_success for answer in answers)


async def more_workers(loaded: Loaded, counts: Sequence[int]) -> Figures:
    """Start more workers while registers come in, then measure with all of them."""
    found: Figures = {"1": {"class": await end_to_end(loaded, CLASSES, in_flight=24)}}
    with MoreWorkers(loaded) as workers:
        for count in counts:
            found[str(count)] = {
                "while_partitions_move": await _while_moving(loaded, workers, count),
                "class": await end_to_end(loaded, CLASSES, in_flight=24),
            }
    return found


async def _while_moving(loaded: Loaded, workers: MoreWorkers, count: int) -> Figures:
    day, half = await loaded.next_session()
    per_second = _STEADY_MARKS_A_SECOND / authority.CLASS_SIZE
    wanted = int(per_second * _STEADY_SECONDS)
    calls = list(authority.class_registers(loaded.schools, day, half))[:wanted]
    token = await loaded.token("supplier:bench")
    bare_rate = await bare(loaded)
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(
            send_steadily(calls, loaded.api("register"), token, per_second=per_second)
        )
        group.create_task(workers.raise_to(count))
    sent = time.perf_counter() - started
    await until(loaded.progress.caught_up, within_seconds=300)
    await until(loaded.all_sent, within_seconds=300)
    return {
        "marks": marks_in(calls),
        "refused": sending.result().refused,
        "bare_marks_per_second": bare_rate,
        "request_p99_ms": sending.result().percentile_ms(0.99),
        "behind_at_the_end_seconds": time.perf_counter() - started - sent,
    }
