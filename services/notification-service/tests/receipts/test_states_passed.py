"""What a delivery receipt says about a message, whenever and however often it comes."""

from collections.abc import Sequence
from itertools import permutations
from uuid import UUID, uuid4

import pytest

from notification_service.contacts.domain import Kind
from notification_service.messages.domain import MessageState
from notification_service.providers.notify.receipts import UNKNOWN, tidy_status
from notification_service.receipts.domain import Receipt, Receipted, states_passed
from notification_service.recipients.domain import Channel

REFERENCE, PROVIDER_ID = UUID(int=1), UUID(int=2)


def a_message(state: str = "sent") -> Receipted:
    return Receipted(
        id=uuid4(),
        episode_id=uuid4(),
        reference=REFERENCE,
        kind=Kind.FIRST,
        channel=Channel.SMS,
        state=MessageState(state),
    )


def receipts(*statuses: str) -> list[Receipt]:
    return [
        Receipt(number, REFERENCE, PROVIDER_ID, status) for number, status in enumerate(statuses)
    ]


@pytest.mark.parametrize(
    ("state", "status", "path"),
    [
        ("sent", "delivered", ["delivered"]),
        ("sent", "permanent-failure", ["failed"]),
        ("sent", "temporary-failure", ["failed"]),
        ("sent", "technical-failure", ["failed"]),
        # Early: before the answer to our own call, or after we thought the message lost.
        ("sending", "sending", ["sent"]),
        ("sending", "delivered", ["sent", "delivered"]),
        ("due", "delivered", ["sent", "delivered"]),
        ("cancelled", "permanent-failure", ["sent", "failed"]),
    ],
)
def test_a_receipt_moves_a_message_on(state: str, status: str, path: Sequence[str]) -> None:
    made = states_passed(a_message(state), receipts(status))

    assert made is not None
    assert list(made.states) == path
    assert made.provider_id == PROVIDER_ID


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("sent", "sending"),
        ("sent", "pending"),
        ("sent", "a status of next year"),
        ("delivered", "delivered"),
        ("delivered", "temporary-failure"),
        ("failed", "delivered"),
    ],
)
def test_a_receipt_that_is_late_or_comes_twice_changes_nothing(state: str, status: str) -> None:
    assert states_passed(a_message(state), receipts(status)) is None


@pytest.mark.parametrize("order", list(permutations(("sending", "sent", "delivered"))))
def test_receipts_in_any_order_end_the_same(order: Sequence[str]) -> None:
    made = states_passed(a_message("sending"), receipts(*order))

    assert made is not None
    assert made.state is MessageState.DELIVERED


def test_why_a_message_failed_is_kept() -> None:
    made = states_passed(a_message(), receipts("permanent-failure"))

    assert made is not None
    assert made.reason == "permanent-failure"


def test_what_is_kept_of_a_status_is_never_the_senders_own_words() -> None:
    assert tidy_status("temporary-failure") == "temporary-failure"
    assert tidy_status("07700 900123 is switched off") == UNKNOWN
