"""A sandbox on a real loopback socket, the official client, and a service that takes receipts."""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from notifications_python_client.notifications import NotificationsAPIClient

from notify_sandbox.keys import LIVE_API_KEY, TEST_API_KEY
from notify_sandbox.settings import Settings
from notify_sandbox.testing import Document, OfficialClient, RunningSandbox, running_sandbox

DELAY_SECONDS = 0.02
PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="session")
def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The sandbox of the whole run."""
    state = tmp_path_factory.mktemp("sandbox")
    with running_sandbox(Settings(state=state, delay_seconds=DELAY_SECONDS)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(one_sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """The run's sandbox, empty and with every switch at rest."""
    one_sandbox.reset()
    yield one_sandbox
    one_sandbox.reset()


@pytest.fixture
def client_of() -> Iterator[Callable[..., OfficialClient]]:
    """Make official clients: `client_of(url, key, timeout=seconds)`."""
    with ExitStack() as sessions:

        def make(
            url: str, key: str = LIVE_API_KEY, timeout: float = PATIENCE_SECONDS
        ) -> OfficialClient:
            client = NotificationsAPIClient(key, url, timeout)  # type: ignore[no-untyped-call]
            sessions.enter_context(client.request_session)
            return client

        yield make


@pytest.fixture
def client(sandbox: RunningSandbox, client_of: Callable[..., OfficialClient]) -> OfficialClient:
    """The official client with the live key."""
    return client_of(sandbox.url)


@pytest.fixture
def client_with_test_key(
    sandbox: RunningSandbox, client_of: Callable[..., OfficialClient]
) -> OfficialClient:
    """The official client with the test key."""
    return client_of(sandbox.url, TEST_API_KEY)


class Receiver:
    """A service that keeps the receipts it gets, and answers with its script before 204s.

    A scripted 0 closes the connection without an answer.
    """

    def __init__(self) -> None:
        self._script: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._receipts: queue.SimpleQueue[Document] = queue.SimpleQueue()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/receipts?from=notify"

    def answers(self, *statuses: int) -> None:
        for status in statuses:
            self._script.put(status)

    def next(self) -> Document:
        return self._receipts.get(timeout=PATIENCE_SECONDS)

    def gets_nothing_for(self, seconds: float) -> bool:
        try:
            self._receipts.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["content-length"])))
        status = 204 if self._script.empty() else self._script.get()
        if status:
            request.send_response(status)
            request.end_headers()
        request.close_connection = True
        self._receipts.put({"path": request.path, "headers": dict(request.headers), "body": body})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self)

            def log_message(self, *_arguments: object) -> None:
                """Keep the run's output quiet."""

        return Handler


@pytest.fixture
def receiver(sandbox: RunningSandbox) -> Iterator[Receiver]:
    """A receiver that is set as the sandbox's callback, with retries 0.05 s apart."""
    receiver = Receiver()
    serve = receiver.server.serve_forever
    thread = threading.Thread(target=serve, kwargs={"poll_interval": 0.01})
    thread.start()
    sandbox.switch("callback", url=receiver.url, token="our-own-token", retry_seconds=0.05)
    yield receiver
    sandbox.reset()
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until something holds, or fail when patience ends."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        pause = threading.Event()
        while not holds():
            assert time.monotonic() < deadline, "it did not come to hold in time"
            pause.wait(0.01)

    return wait


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a sandbox with a state folder of its own."""
    return Settings(state=tmp_path / "state", delay_seconds=DELAY_SECONDS)
