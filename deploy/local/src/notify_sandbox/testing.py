"""For tests: a sandbox in a thread of its own, on a free loopback port."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import uvicorn

from notify_sandbox.app import create_app
from notify_sandbox.settings import Settings

_PATIENCE_SECONDS = 10.0

Document = dict[str, Any]
"""A JSON object, as answered."""


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox's address and its control routes."""

    url: str
    http: httpx.Client

    def switch(self, name: str, **settings: object) -> None:
        """Set one switch: `failure`, `receipts`, `callback`, `clock` or `delivery`."""
        self.http.put(f"/sandbox/{name}", json=settings).raise_for_status()

    def messages(self, **query: str | int) -> list[Document]:
        """A page of the accepted messages, newest first."""
        found: list[Document] = self.http.get("/sandbox/messages", params=query).json()["messages"]
        return found

    def counts(self) -> Document:
        """How many messages were accepted, and what became of them."""
        counts: Document = self.http.get("/sandbox/counts").json()
        return counts

    def reset(self) -> None:
        """Put every switch back and forget every message."""
        self.http.delete("/sandbox/switches").raise_for_status()
        self.http.delete("/sandbox/messages").raise_for_status()


class OfficialClient(Protocol):
    """The part of GOV.UK Notify's own Python client that tests use; it has no types itself."""

    def post(self, url: str, data: Document) -> Document:
        """Send any body to any route."""

    def send_sms_notification(
        self, phone_number: str, template_id: str, personalisation: Document, *, reference: str = ""
    ) -> Document:
        """Send a text."""

    def send_email_notification(
        self,
        email_address: str,
        template_id: str,
        personalisation: Document,
        reference: str = "",
        *,
        one_click_unsubscribe_url: str = "",
        sanitise_content_for: Sequence[str] = (),
    ) -> Document:
        """Send an email."""

    def get_notification_by_id(self, id: str) -> Document:  # noqa: A002 - the client's name
        """Read one message."""

    def get_all_notifications(
        self,
        *,
        status: str | Sequence[str] = "",
        template_type: str | Sequence[str] = "",
        reference: str = "",
        older_than: str = "",
    ) -> Document:
        """Read a page of messages."""

    def get_all_notifications_iterator(self) -> Iterator[Document]:
        """Read every message, page by page."""

    def get_template(self, template_id: str) -> Document:
        """Read one template."""

    def get_template_version(self, template_id: str, version: int) -> Document:
        """Read one version of a template."""

    def get_all_templates(self, template_type: str = "") -> Document:
        """Read every template."""

    def post_template_preview(self, template_id: str, personalisation: object) -> Document:
        """Fill in a template."""


@contextmanager
def running_sandbox(settings: Settings) -> Iterator[RunningSandbox]:
    """Run a sandbox until the block ends; the settings' port is not used."""
    config = uvicorn.Config(
        create_app(settings), log_level="warning", access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            with httpx.Client(base_url=url, timeout=_PATIENCE_SECONDS) as http:
                yield RunningSandbox(url, http)
        finally:
            server.should_exit = True
            thread.join(_PATIENCE_SECONDS)
