"""The small client that posts receipts, against receivers that answer in their own ways."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from notify_sandbox.http_post import HttpPost

Serve = Callable[[bytes], AbstractAsyncContextManager[tuple[str, list[bytes]]]]
BODY = b'{"id": "a"}'


@pytest.fixture
def receiver() -> Serve:
    """Serve one raw answer to every request; yields the address and the connections' requests."""

    @asynccontextmanager
    async def serve(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
        connections: list[bytes] = []

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            at = len(connections)
            connections.append(b"")
            while request := await reader.read(65536):
                connections[at] += request
                writer.write(answer)
            writer.close()

        server = await asyncio.start_server(converse, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            yield f"http://127.0.0.1:{port}/receipts?a=b", connections

    return serve


async def test_a_receipt_is_one_whole_request(receiver: Serve) -> None:
    async with receiver(b"HTTP/1.1 204 No Content\r\n\r\n") as (url, connections):
        post = HttpPost()
        assert await post.post(url, "a-token", BODY) == 204
        post.close()
    head, _, body = connections[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /receipts?a=b HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"authorization: Bearer a-token" in head
    assert (b"content-length: 11" in head, body) == (True, BODY)


@pytest.mark.parametrize(
    ("answer", "status", "connections_used"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, 1),
        (b"HTTP/1.1 503 Busy\r\nContent-Length:0\r\nRetry-After: 9\r\n\r\n", 503, 1),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, 2),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, 2),
        (b"HTTP/1.0 404 Not Found\r\n\r\nwhat?", 404, 2),
    ],
)
async def test_the_connection_is_kept_when_the_answers_end_is_known(
    receiver: Serve, answer: bytes, status: int, connections_used: int
) -> None:
    async with receiver(answer) as (url, connections):
        post = HttpPost()
        assert [await post.post(url, "", BODY) for _ in range(2)] == [status, status]
        post.close()
        assert len(connections) == connections_used


async def test_an_answer_that_is_no_http_is_no_answer(receiver: Serve) -> None:
    async with receiver(b"SSH-2.0-server\r\n\r\n") as (url, _connections):
        post = HttpPost()
        with pytest.raises(ConnectionError):
            await post.post(url, "", BODY)
        post.close()


async def test_two_receivers_are_never_mixed_up(receiver: Serve) -> None:
    first, second = b"HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 204 B\r\n\r\n"
    async with receiver(first) as (one, _), receiver(second) as (other, _):
        post = HttpPost()
        assert [await post.post(url, "", BODY) for url in (one, other, one)] == [201, 204, 201]
        post.close()
