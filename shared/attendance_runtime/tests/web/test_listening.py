"""A connection that only costs is ended; one that is merely slow with its body is not."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

from attendance_runtime.web import listening

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


async def length_of_body(_: Scope, receive: Receive, send: Send) -> None:
    """Answer with how much was sent."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    answer = str(length).encode()
    headers = [(b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@pytest.fixture
def head_seconds(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(listening, "HEAD_SECONDS", 0.5)
    return 0.5


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = listening.server(length_of_body, "127.0.0.1", 0)
    server.config.lifespan = "off"
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - a flag of uvicorn's, not an event
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def answers(port: int, *pieces: bytes | float) -> bytes:
    """Send pieces, with pauses of so many seconds between; return all that comes until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        if isinstance(piece, float):
            await asyncio.sleep(piece)
            continue
        writer.write(piece)
        await writer.drain()
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b"reset"
        finally:
            writer.close()


async def test_headers_that_never_end_are_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"X: ")
    sent = 0
    try:
        while not reader.at_eof() and sent < 200 * 1024 * 1024:
            writer.write(b"x" * 65536)
            await writer.drain()
            await asyncio.sleep(0)
            sent += 65536
    except ConnectionError:
        pass
    writer.close()
    assert sent < 20 * 1024 * 1024, "what the kernel buffers, and no more"


async def test_long_headers_are_told_of(port: int) -> None:
    whole = HEAD + b"".join(b"X-%d: %b\r\n" % (n, b"x" * 1000) for n in range(50))
    answer = await answers(port, whole[:30_000], 0.1, whole[30_000:], 0.1, b"X: y")
    assert answer.startswith(b"HTTP/1.1 431") or answer == b"reset"


async def test_headers_and_a_body_up_to_the_limits_pass(port: int) -> None:
    head = (
        HEAD + b"Connection: close\r\nContent-Length: 1000000\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"
    )
    answer = await answers(port, head[:10_000], 0.05, head[10_000:], b"x" * 1_000_000)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"1000000")


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (HEAD,),
        (HEAD, 0.2, b"X: y\r\n", 0.2, b"X: y\r\n"),
        (HEAD + b"Content-Length: 2\r\n\r\nab", 0.1, HEAD),
    ],
    ids=["nothing", "half a head", "a head bit by bit", "half of a second head"],
)
async def test_whoever_does_not_finish_a_head_is_let_go(
    port: int, head_seconds: float, pieces: tuple[bytes | float, ...]
) -> None:
    began = asyncio.get_running_loop().time()
    await answers(port, *pieces)
    assert asyncio.get_running_loop().time() - began >= head_seconds


async def test_a_slow_body_is_not_a_slow_head(port: int, head_seconds: float) -> None:
    head = HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\n"
    answer = await answers(port, head, head_seconds, b"a", head_seconds, b"b")
    assert answer.endswith(b"\r\n\r\n2")


async def test_it_does_not_say_what_it_is(port: int) -> None:
    answer = await answers(port, HEAD + b"Connection: close\r\nContent-Length: 0\r\n\r\n")
    assert b"uvicorn" not in answer
