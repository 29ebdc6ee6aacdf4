"""Clients: the same at once, two against each other, halves, too much, too slowly, too many."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

from attendance_contracts.calendar import Session
from fault_run.client import amendment, register
from fault_run.faults import fault
from fault_run.ledger import Cell
from fault_run.stage import Stage
from fault_run.town import SPARE_CLASS, School

_TIMES: Final = 12
_IDLE: Final = 1000
_IDLE_SECONDS: Final = 5.0
_BIG: Final = 50 * 1024 * 1024
_TOO_LARGE: Final = 413
_CODES: Final = ("/", "L", "I", "M", "C", "V")
_SERVED_WITHIN_SECONDS: Final = 5.0


def _school(stage: Stage) -> School:
    return stage.town.taught[0]


def _spare(stage: Stage, chance: random.Random, *, without: str = "") -> dict[Cell, str]:
    """Return a morning register of the class that the load leaves alone."""
    code = chance.choice([code for code in _CODES if code != without])
    return {
        Cell(pupil, stage.day.day, Session.AM): code
        for pupil in _school(stage).of_class(SPARE_CLASS)
    }


@fault("clients", "a register is sent twice at once", short=True)
async def twice_at_once(stage: Stage) -> None:
    """Both are answered as kept, and it is kept once."""
    for _ in range(_TIMES):
        codes = _spare(stage, stage.chance)
        await asyncio.gather(
            *(stage.client.push(_school(stage), codes, class_code=SPARE_CLASS) for _ in range(2))
        )


@fault("clients", "two clients work on one class")
async def two_clients(stage: Stage) -> None:
    """Whole registers follow one another in some order; of two amendments one is refused."""
    for _ in range(_TIMES):
        await _two_registers(stage)
    await _two_amendments(stage)


async def _two_registers(stage: Stage) -> None:
    """Send two registers at once: afterwards the class says all of one or all of the other."""
    school, client = _school(stage), stage.client
    one = _spare(stage, stage.chance)
    other = _spare(stage, stage.chance, without=next(iter(one.values())))
    earliest = time.time()
    await asyncio.gather(
        *(
            client.send(school.office, "PUT", "register", **register(school, codes, SPARE_CLASS))
            for codes in (one, other)
        )
    )
    cell = next(iter(one))
    path = f"/v1/schools/{school.urn}/classes/{SPARE_CLASS}/registers/{cell.day}/{cell.session}"
    page = (await client.send(school.office, "GET", "register", path=path)).json()
    codes = {entry["code"] for entry in page["entries"]}
    last = other if codes == set(other.values()) else one
    if codes != set(last.values()):
        stage.amiss.append(f"Two registers sent at once left a mixture: {sorted(codes)}.")
    first = one if last is other else other
    stage.ledger.pushed(first.items(), earliest)
    stage.ledger.pushed(last.items(), earliest)


async def _two_amendments(stage: Stage) -> None:
    school, client = _school(stage), stage.client
    cell = next(iter(_spare(stage, stage.chance)))
    seen = await client.history(school, cell)
    codes = [code for code in _CODES if code != seen.json()["code"]][:2]
    earliest = time.time()
    answers = await asyncio.gather(
        *(
            client.send(
                school.office, "PATCH", "register", **amendment(school, cell, code, seen=seen)
            )
            for code in codes
        )
    )
    kept = [code for code, answer in zip(codes, answers, strict=True) if answer.is_success]
    if len(kept) != 1:
        stage.amiss.append(f"Of two amendments of one version {len(kept)} were taken.")
    for code in kept:
        stage.ledger.amended(cell, code, earliest)


@fault("clients", "clients give up and send again", short=True)
async def give_up(stage: Stage) -> None:
    """A register that was being stored when its sender left is stored whole or not at all."""
    school, codes = _school(stage), _spare(stage, stage.chance)
    whole = register(school, codes, SPARE_CLASS)
    for patience in (0.001, 0.002, 0.004, 0.008, 0.016, 0.032):
        with suppress(TimeoutError):
            await asyncio.wait_for(
                stage.client.send(school.office, "PUT", "register", **whole), patience
            )
    await stage.client.push(school, codes, class_code=SPARE_CLASS)


@fault("clients", "bodies are cut in half")
async def half_bodies(stage: Stage) -> None:
    """The connection ends in the middle of a register: nothing of it may be kept."""
    for _ in range(_TIMES):
        head, body = await _request(stage)
        async with _connection(stage) as (_, writer):
            writer.write(head + body[: len(body) // 2])
            await writer.drain()
    await _still_served(stage)


@fault("clients", "a body of 50 MB is sent")
async def big_body(stage: Stage) -> None:
    """Refused with 413 by the length it announces; and, announced in no way, by what has come."""
    for chunked in (False, True):
        head, _ = await _request(stage, length=None if chunked else _BIG)
        async with _connection(stage) as (reader, writer):
            writer.write(head)
            with suppress(ConnectionError):
                await _pour(writer, chunked=chunked)
            status = await _status(reader)
            if status != _TOO_LARGE:
                stage.amiss.append(f"50 MB, {'chunked' if chunked else 'announced'}: {status}.")
    await _still_served(stage)


async def _pour(writer: asyncio.StreamWriter, *, chunked: bool) -> None:
    piece = b" " * 65536
    framed = b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    for _ in range(_BIG // len(piece)):
        writer.write(framed)
        await writer.drain()


@fault("clients", "a body comes a byte at a time")
async def slow_upload(stage: Stage) -> None:
    """Twenty clients take ten seconds over a register each; nobody else waits for them."""
    head, body = await _request(stage)
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(_trickle(stage, head, body))
        for _ in range(5):
            await asyncio.sleep(1)
            await _still_served(stage)


async def _trickle(stage: Stage, head: bytes, body: bytes) -> None:
    async with _connection(stage) as (_, writer):
        writer.write(head)
        for byte in body[:100]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.1)


@fault("clients", "1,000 idle connections are open")
async def idle_connections(stage: Stage) -> None:
    """To one process, which serves everybody else as before."""
    address = urlsplit(stage.platform.stack.services["register"].api[0])
    opened: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    try:
        while len(opened) < _IDLE:
            opened += [await asyncio.open_connection(address.hostname, address.port)]
        until = time.monotonic() + _IDLE_SECONDS
        while time.monotonic() < until:
            await _still_served(stage)
            await asyncio.sleep(0.3)
    finally:
        for _, writer in opened:
            writer.close()


async def _still_served(stage: Stage) -> None:
    """Hold the register to serving others meanwhile, in good time."""
    started = time.monotonic()
    await stage.client.push(_school(stage), _spare(stage, stage.chance), class_code=SPARE_CLASS)
    seconds = time.monotonic() - started
    stage.notes["served meanwhile in s, at most"] = max(
        round(seconds, 2), stage.notes.get("served meanwhile in s, at most", 0.0)
    )
    if seconds > _SERVED_WITHIN_SECONDS:
        stage.amiss.append(f"Others waited {seconds:.1f} s meanwhile.")


async def _request(stage: Stage, *, length: int | None = 0) -> tuple[bytes, bytes]:
    """Return head and body of a good register; `length` 0 tells the truth, None none at all."""
    school = _school(stage)
    whole: dict[str, Any] = register(school, _spare(stage, stage.chance), SPARE_CLASS)
    body = json.dumps(whole["json"]).encode()
    framing = (
        "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length or len(body)}"
    )
    token = await stage.platform.token(school.office)
    head = (
        f"PUT {whole['path']} HTTP/1.1\r\nHost: register\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\n{framing}\r\n\r\n"
    )
    return head.encode(), body


@asynccontextmanager
async def _connection(
    stage: Stage,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    address = urlsplit(stage.platform.api("register"))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _status(reader: asyncio.StreamReader) -> int:
    line = await asyncio.wait_for(reader.readline(), timeout=10)
    return int(line.split()[1]) if line else 0
