"""Delivery receipts: posted to the service's callback, and posted again by Notify's own rules.

A receipt is tried again only when there was no answer, a 5xx or a 429; any other 4xx ends it.
"""

import asyncio
import http
from collections import Counter

import msgspec

from notify_sandbox.http_post import HttpPost
from notify_sandbox.messages import Message, Receipt, notify_time
from notify_sandbox.store import Store
from notify_sandbox.switches import Callback, Switches
from notify_sandbox.templates import Template

_POSTED_AT_ONCE = 16
_NO_ANSWER = 0


class Callbacks:
    """The queue of receipts and the workers that post them."""

    def __init__(self, store: Store, switches: Switches) -> None:
        self._store = store
        self._switches = switches
        self._due: asyncio.Queue[tuple[Message, int]] = asyncio.Queue()
        self._workers: list[asyncio.Task[None]] = []
        self.posted: Counter[str] = Counter()
        """Attempts so far by what came of them: `2xx`, `4xx`, `429`, `5xx`, `no-answer`."""

    def start(self) -> None:
        """Begin posting."""
        self._workers = [asyncio.create_task(self._work()) for _ in range(_POSTED_AT_ONCE)]

    async def stop(self) -> None:
        """Stop posting; receipts that are still due are found in the journal at the next start."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    @property
    def callback(self) -> Callback:
        """Where receipts go at present."""
        return self._switches.callback

    def post_soon(self, message: Message, attempt: int = 1) -> None:
        """Put a receipt in the queue; without a callback there is nothing to post."""
        if self.callback.url is None:
            self._store.settle(message, "not-asked-for")
        else:
            self._due.put_nowait((message, attempt))

    async def post_now(self, message: Message) -> None:
        """Post a receipt and return when it has been answered or has failed."""
        if self.callback.url is None:
            self._store.settle(message, "not-asked-for")
            return
        connection = HttpPost()
        try:
            await self._post(connection, message, attempt=1)
        finally:
            connection.close()

    async def _work(self) -> None:
        connection = HttpPost()
        try:
            while True:
                message, attempt = await self._due.get()
                await self._post(connection, message, attempt)
        finally:
            connection.close()

    async def _post(self, connection: HttpPost, message: Message, attempt: int) -> None:
        if message not in self._store:
            return
        status = await self._answer(connection, self.callback, message)
        self.posted[_outcome(status)] += 1
        if not _worth_another(status):
            ended: Receipt = "acknowledged" if status < http.HTTPStatus.BAD_REQUEST else "refused"
            self._store.settle(message, ended)
        elif attempt > self.callback.retries:
            self._store.settle(message, "given-up")
        else:
            asyncio.get_running_loop().call_later(
                self.callback.retry_seconds, self.post_soon, message, attempt + 1
            )

    async def _answer(self, connection: HttpPost, callback: Callback, message: Message) -> int:
        token = callback.token.get_secret_value()
        try:
            async with asyncio.timeout(callback.timeout_seconds):
                return await connection.post(callback.url or "", token, receipt_body(message))
        except OSError:  # a time-out is one too
            connection.close()
            return _NO_ANSWER


def receipt_body(message: Message) -> bytes:
    """The JSON of one delivery receipt."""
    return msgspec.json.encode(
        {
            "id": message.id,
            "reference": message.reference,
            "to": message.to,
            "status": message.status,
            "created_at": notify_time(message.created_at),
            "completed_at": notify_time(message.completed_at),
            "sent_at": notify_time(message.sent_at),
            "notification_type": message.type,
            "template_id": message.template_id,
            "template_version": Template.version,
        }
    )


def _worth_another(status: int) -> bool:
    busy = status in {_NO_ANSWER, http.HTTPStatus.TOO_MANY_REQUESTS}
    return busy or status >= http.HTTPStatus.INTERNAL_SERVER_ERROR


def _outcome(status: int) -> str:
    if status == _NO_ANSWER:
        return "no-answer"
    if status == http.HTTPStatus.TOO_MANY_REQUESTS:
        return "429"
    return f"{status // 100}xx"
