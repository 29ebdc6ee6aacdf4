"""From the provider's callback to the message's own state, on real parts."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from notification_service.main import SERVICE
from notification_service.receipts.use_cases import apply_waiting
from notification_service.sending.use_cases import (
    Desk,
    ask_register,
    claim_due,
    keep_addresses,
    send_due,
)
from notification_testing.facts import Pupil, announced, at, hear, own_settings, states

HEADERS = {"Authorization": "Bearer callback-token"}
SENT, DELIVERED, FAILED = (
    f"uk.firstday.contact.{fact}.v1" for fact in ("sent", "delivered", "failed")
)


@pytest.fixture
async def client(desk: Desk, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    own = own_settings(desk)
    async with client_for(SERVICE, desk.database, clock, TokenIssuer(), **own) as client:
        yield client


@pytest.fixture
async def reference(desk: Desk, clock: FixedClock, robin: Pupil) -> UUID:
    """The reference of a message that the provider has accepted."""
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    return await reference_on_record(desk)


async def reference_on_record(desk: Desk) -> UUID:
    async with desk.database.transaction() as db:
        found = await db.execute(text("SELECT reference FROM messages"))
        reference: UUID = found.scalar_one()
        return reference


def a_receipt(reference: object, status: str = "delivered") -> dict[str, object]:
    """Return a receipt as Notify posts it, the recipient's number included."""
    return {
        "id": str(uuid4()),
        "reference": str(reference),
        "to": "447700900123",
        "status": status,
        "created_at": "2026-09-07T08:20:00.000000Z",
        "completed_at": "2026-09-07T08:20:02.000000Z",
        "sent_at": "2026-09-07T08:20:01.000000Z",
        "notification_type": "sms",
        "template_id": str(uuid4()),
        "template_version": 1,
    }


async def post(client: httpx.AsyncClient, receipt: dict[str, object]) -> None:
    answer = await client.post("/v1/notify/receipts", json=receipt, headers=HEADERS)
    assert answer.status_code == 204


async def apply(desk: Desk) -> int:
    async with desk.database.transaction() as db:
        return await apply_waiting(db, now=desk.clock.now())


async def test_a_delivered_message_is_known_to_be_delivered(
    desk: Desk, client: httpx.AsyncClient, reference: UUID, robin: Pupil
) -> None:
    await post(client, a_receipt(reference))
    assert await apply(desk) == 1

    assert await states(desk, robin) == ["first delivered"]
    assert await announced(desk) == [SENT, DELIVERED]


async def test_a_receipt_twice_or_late_changes_nothing_more(
    desk: Desk, client: httpx.AsyncClient, reference: UUID, robin: Pupil
) -> None:
    for status in ("delivered", "delivered", "sending", "temporary-failure"):
        await post(client, a_receipt(reference, status))
        await apply(desk)

    assert await states(desk, robin) == ["first delivered"]
    assert await announced(desk) == [SENT, DELIVERED]


async def test_a_receipt_before_our_own_record_proves_that_it_was_accepted(
    desk: Desk, client: httpx.AsyncClient, clock: FixedClock, robin: Pupil
) -> None:
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    addressed, _ = await ask_register(desk, await claim_due(desk))
    await keep_addresses(desk, addressed)

    await post(client, a_receipt(await reference_on_record(desk)))
    await apply(desk)

    assert await states(desk, robin) == ["first delivered"]
    assert await announced(desk) == [SENT, DELIVERED]


async def test_a_message_that_never_arrived_needs_no_correction(
    desk: Desk, client: httpx.AsyncClient, reference: UUID, robin: Pupil
) -> None:
    await hear(desk, robin.withdrawn(at("08:30")))
    assert await states(desk, robin) == ["first sent", "correction due"]

    await post(client, a_receipt(reference, "permanent-failure"))
    await apply(desk)

    assert await states(desk, robin) == ["first failed", "correction cancelled"]
    assert await announced(desk) == [SENT, FAILED]


async def test_a_receipt_is_kept_without_the_number_it_names(
    desk: Desk, client: httpx.AsyncClient, reference: UUID
) -> None:
    await post(client, a_receipt(reference))

    async with desk.database.transaction() as db:
        rows = await db.execute(text("SELECT CAST(to_jsonb(receipts) AS text) FROM receipts"))
        (kept,) = rows.scalars()
    assert str(reference) in kept
    assert "900123" not in kept


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"id": 7, "reference": null, "status": "delivered"}',
        b'{"id": "740e5834-3a29-46b4-9a6f-16142fde533a", "status": "delivered"}',
        b'{"id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": "x", "status": "delivered"}',
    ],
)
async def test_what_is_not_a_receipt_of_ours_is_taken_and_dropped(
    desk: Desk, client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await client.post("/v1/notify/receipts", content=body, headers=HEADERS)

    assert answer.status_code == 204
    assert await apply(desk) == 0


async def test_a_receipt_under_an_unknown_reference_is_applied_to_nothing_once(
    desk: Desk, client: httpx.AsyncClient, reference: UUID, robin: Pupil
) -> None:
    await post(client, a_receipt(uuid4()))

    assert await apply(desk) == 1
    assert await apply(desk) == 0
    assert await states(desk, robin) == ["first sent"]


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Basic callback-token", "Bearer ÿ"])
async def test_only_the_provider_may_post_receipts(
    client: httpx.AsyncClient, token: str | None
) -> None:
    headers = httpx.Headers({b"Authorization": token.encode()} if token else {})
    answer = await client.post("/v1/notify/receipts", json=a_receipt(uuid4()), headers=headers)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("before", "shown", "status"),
    [
        ("token-of-before", "callback-token", 204),
        ("token-of-before", "token-of-before", 204),
        ("token-of-before", "token-of-", 401),
        ("", "", 401),
        (None, "", 401),
        (None, "None", 401),
    ],
)
async def test_two_tokens_are_taken_while_one_is_changed_for_the_other(
    desk: Desk, clock: FixedClock, *, before: str | None, shown: str, status: int
) -> None:
    own = own_settings(desk) | {"callback_token_before": before}
    headers = {"Authorization": f"Bearer {shown}"}
    async with client_for(SERVICE, desk.database, clock, TokenIssuer(), **own) as client:
        receipt = a_receipt(uuid4())
        answer = await client.post("/v1/notify/receipts", json=receipt, headers=headers)
    assert answer.status_code == status


async def test_a_receipt_that_cannot_be_kept_is_asked_for_again(
    desk: Desk, clock: FixedClock
) -> None:
    own = own_settings(desk)
    hurried = Database(desk.settings.database_url, server_settings={"lock_timeout": "50ms"})
    async with (
        client_for(SERVICE, hurried, clock, TokenIssuer(), **own) as client,
        desk.database.transaction() as db,
    ):
        await db.execute(text("LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE"))
        answer = await client.post("/v1/notify/receipts", json=a_receipt(uuid4()), headers=HEADERS)
    await hurried.dispose()

    assert answer.status_code == 503


async def test_receipts_that_come_together_are_kept_together(
    desk: Desk, client: httpx.AsyncClient, reference: UUID
) -> None:
    """What comes while the first is being kept waits for it, and is kept by one statement."""
    sent = [a_receipt(reference if number == 0 else uuid4()) for number in range(20)]
    await asyncio.gather(*(post(client, receipt) for receipt in sent))

    async with desk.database.transaction() as db:
        counted = await db.execute(
            text("SELECT count(*), count(DISTINCT CAST(xmin AS text)) FROM receipts")
        )
        receipts, transactions = counted.one()
    assert receipts == 20
    assert transactions <= 4  # each by itself would be twenty
