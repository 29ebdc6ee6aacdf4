"""The sandbox's own routes, for tests and for whoever watches a run: `/sandbox/…`, no token."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from notify_sandbox.messages import Message, notify_time
from notify_sandbox.recipients import normalised
from notify_sandbox.request_parts import TheSandbox
from notify_sandbox.sandbox import Sandbox
from notify_sandbox.switches import Callback, Clock, Delivery, Failure, Receipts, Switches

MOST_MESSAGES = 1000

Document = dict[str, Any]
"""A JSON object: strings, numbers, null and nested objects."""

router = APIRouter(prefix="/sandbox", tags=["Sandbox"])


@router.get("/switches")
async def read_switches(sandbox: TheSandbox) -> Switches:
    """Every switch as it stands; the callback's token is masked."""
    return sandbox.switches


@router.delete("/switches")
async def reset_switches(sandbox: TheSandbox) -> Switches:
    """Put every switch back to where it stood at the start."""
    sandbox.reset_switches()
    return sandbox.switches


@router.put("/failure")
async def switch_failure(failure: Failure, sandbox: TheSandbox) -> Switches:
    """Make Notify's routes fail, for a count of requests or until reset."""
    sandbox.switches.failure = failure
    return sandbox.switches


@router.delete("/failure")
async def end_failure(sandbox: TheSandbox) -> Switches:
    """Let Notify's routes work again."""
    sandbox.switches.failure = None
    return sandbox.switches


@router.put("/receipts")
async def switch_receipts(receipts: Receipts, sandbox: TheSandbox) -> Switches:
    """Send delivery receipts early, late, twice or never."""
    sandbox.switches.receipts = receipts
    return sandbox.switches


@router.put("/callback")
async def set_callback(callback: Callback, sandbox: TheSandbox) -> Switches:
    """Say where delivery receipts go from now on; no `url` ends them."""
    sandbox.switches.callback = callback
    return sandbox.switches


@router.put("/clock")
async def set_clock(clock: Clock, sandbox: TheSandbox) -> Switches:
    """Move the sandbox's clock against the machine's: over 30 s, tokens are refused."""
    sandbox.switches.clock = clock
    return sandbox.switches


@router.put("/delivery")
async def set_delivery(delivery: Delivery, sandbox: TheSandbox) -> Switches:
    """Say how long messages take from now on."""
    sandbox.switches.delivery = delivery
    return sandbox.switches


@router.get("/messages")
async def list_messages(
    sandbox: TheSandbox,
    recipient: str | None = None,
    reference: str | None = None,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_MESSAGES)] = 100,
) -> Document:
    """A page of messages, newest first.

    `recipient` takes a number or address as written or normalised; `next` is the `before` of the
    next page, null on the last.
    """
    found: list[Message] = []
    for message in _candidates(sandbox, recipient, reference, before):
        if before is not None and message.number >= before:
            continue
        found.append(message)
        if len(found) > limit:
            break
    page = found[:limit]
    following = page[-1].number if len(found) > limit else None
    return {"messages": [_message(one) for one in page], "next": following}


@router.delete("/messages")
async def forget_messages(sandbox: TheSandbox) -> Document:
    """Forget every message; receipts still to come for them are not sent."""
    forgotten = len(sandbox.store)
    sandbox.store.forget_all()
    sandbox.callbacks.posted.clear()
    return {"forgotten": forgotten}


@router.get("/counts")
async def count_messages(sandbox: TheSandbox) -> Document:
    """How many messages are kept, by status, type and template, and what became of receipts.

    `refused` are those answered with 400, since the start; `repeated_references` are references
    under which more than one message was accepted.
    """
    store = sandbox.store
    groups: tuple[Literal["status", "type", "template"], ...] = ("status", "type", "template")
    return {
        "messages": len(store),
        "recipients": store.recipients,
        "refused": store.refused,
        "repeated_references": store.repeated_references,
        **{group: store.counts(group) for group in groups},
        "receipts_posted": dict(sorted(sandbox.callbacks.posted.items())),
    }


def _candidates(
    sandbox: Sandbox, recipient: str | None, reference: str | None, before: int | None
) -> Iterable[Message]:
    wanted = normalised(recipient) if recipient is not None else None
    if reference is not None:
        same = sandbox.store.with_reference(reference)
        return (one for one in reversed(same) if wanted in (None, one.recipient))
    if wanted is not None:
        return reversed(sandbox.store.to_recipient(wanted))
    return sandbox.store.newest_first(before=before)


def _message(message: Message) -> Document:
    return {
        "number": message.number,
        "id": message.id,
        "reference": message.reference,
        "type": message.type,
        "to": message.to,
        "recipient": message.recipient,
        "template": message.template,
        "template_id": message.template_id,
        "subject": message.subject,
        "body": message.body,
        "status": message.status,
        "receipt": message.receipt,
        "key_type": message.key_type,
        "created_at": notify_time(message.created_at),
        "sent_at": notify_time(message.sent_at),
        "completed_at": notify_time(message.completed_at),
    }
