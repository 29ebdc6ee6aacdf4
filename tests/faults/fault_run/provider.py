"""GOV.UK Notify away, limiting, failing or slow; receipts at every wrong time; clocks apart."""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import aiohttp
import httpx

from fault_run.faults import fault
from fault_run.stage import Stage

_AFTER_DUE_SECONDS: Final = 4.0
_HOUR_IN_SECONDS: Final = 8.0
_RECEIPTS: Final = 5000
_RECEIPTS_WITHIN_SECONDS: Final = 60.0


@fault("provider", "Notify is down for an hour")
async def down_for_an_hour(stage: Stage) -> None:
    """An hour of the schools' time, from just before contact is due."""
    async with stage.provider("failure", mode="down"):
        await stage.contact_is_due()
        await asyncio.sleep(1.5)
        stage.set_clock(stage.now(), rate=3600 / _HOUR_IN_SECONDS)
        await asyncio.sleep(_HOUR_IN_SECONDS)
        stage.set_clock(stage.now())
        stage.met("messages that waited", await _waiting(stage))


async def _accepted(stage: Stage) -> int:
    return int((await stage.sandbox("GET", "counts"))["messages"])


async def _waiting(stage: Stage) -> int:
    """Count the messages that are due and not known to have been accepted."""
    async with stage.database("notification") as database:
        return int(
            await database.fetchval(
                "SELECT count(*) FROM messages "
                "WHERE state = 'sending' OR (state = 'due' AND due_at <= $1)",
                stage.now(),
            )
        )


def _fails_when_texts_are_due(name: str, *, short: bool = False, **failure: Any) -> None:
    @fault("provider", name, short=short)
    async def fail(stage: Stage) -> None:
        before = await _accepted(stage)
        async with stage.provider("failure", **failure):
            await stage.contact_is_due()
            await asyncio.sleep(_AFTER_DUE_SECONDS)
            # Of a message that was accepted without an answer a receipt tells soon enough.
            unanswered = await _accepted(stage) - before
            stage.met("messages that met it", await _waiting(stage) + unanswered)
            await stage.says_ready("register", "escalation", "reporting", "notification-api")


_fails_when_texts_are_due("Notify says that we are too fast (429)", mode="rate-limited")
_fails_when_texts_are_due("Notify fails (500)", mode="server-error")
_fails_when_texts_are_due("a page stands where Notify should (503)", mode="unavailable")
_fails_when_texts_are_due(
    "Notify accepts after our time-out", mode="slow", seconds=4.0, applies_to="sends"
)
_fails_when_texts_are_due(
    "Notify accepts at once and answers too late", mode="accept-then-time-out", seconds=8.0
)
_fails_when_texts_are_due("Notify accepts and hangs up", short=True, mode="accept-then-close")


@fault("provider", "Notify's daily limit is used up")
async def daily_limit(stage: Stage) -> None:
    """What is due waits for midnight UTC; here midnight comes early, for the database's clock."""
    async with stage.provider("failure", mode="daily-limit"):
        await stage.contact_is_due()
        await asyncio.sleep(_AFTER_DUE_SECONDS)
        async with stage.database("notification") as database:
            waits = await database.fetchval(
                "SELECT count(*) FROM messages WHERE state = 'due' AND retry_at AT TIME ZONE 'UTC'"
                " = date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day'"
            )
    stage.met("messages that waited for midnight", waits)
    await _midnight(stage)


async def _midnight(stage: Stage) -> None:
    async with stage.database("notification") as database:
        await database.execute(
            "UPDATE messages SET retry_at = now() "
            "WHERE state = 'due' AND retry_at > now() + interval '1 minute'"
        )


def _receipts_come(mode: str, **more: Any) -> None:
    @fault("provider", f"receipts come {mode}")
    async def receipts(stage: Stage) -> None:
        async with stage.provider("receipts", mode=mode, **more):
            await stage.contact_is_due()
            await asyncio.sleep(_AFTER_DUE_SECONDS)


_receipts_come("early")
_receipts_come("late", seconds=3.0)
_receipts_come("twice")
_receipts_come("never")


@fault("provider", "5,000 receipts come in a minute")
async def flood_of_receipts(stage: Stage) -> None:
    """Receipts of the day's messages again and again, and as many of messages nobody knows."""
    page = await stage.sandbox("GET", "messages?limit=100")
    known = [(message["id"], message["reference"]) for message in page["messages"]]
    document = json.loads(stage.stack_file.read_text())
    urls = [f"{url}/v1/notify/receipts" for url in document["services"]["notification"]["api"]]
    headers = {"Authorization": f"Bearer {document['sandbox']['callback_token']}"}
    started = time.monotonic()
    left = iter(range(_RECEIPTS))
    # Not httpx: it would be slower than what it floods.
    async with aiohttp.ClientSession(headers=headers) as http:

        async def post() -> None:
            for number in left:
                body = _receipt(known, number)
                async with http.post(urls[number % 2], json=body) as answer:
                    text = await answer.read()
                    taken = httpx.Response(answer.status, headers=answer.headers, content=text)
                stage.client.note("A receipt", taken)

        await asyncio.gather(*(post() for _ in range(8)))
    seconds = time.monotonic() - started
    stage.notes["receipts a second"] = round(_RECEIPTS / seconds)
    if seconds > _RECEIPTS_WITHIN_SECONDS:
        stage.amiss.append(f"{_RECEIPTS} receipts took {seconds:.0f} s.")


def _receipt(known: Sequence[tuple[str, str]], number: int) -> dict[str, str]:
    if number % 2 and known:
        notify_id, reference = known[number // 2 % len(known)]
    else:
        notify_id, reference = str(uuid4()), str(uuid4())
    return {"id": notify_id, "reference": reference, "status": "delivered"}


@fault("provider", "our clock and Notify's are 40 seconds apart")
async def clocks_apart(stage: Stage) -> None:
    """Notify refuses a token that is more than 30 seconds old, by its own clock."""
    async with stage.provider("clock", offset_seconds=40.0):
        await stage.contact_is_due()
        await asyncio.sleep(_AFTER_DUE_SECONDS)
        stage.met("messages that waited", await _waiting(stage))
