"""Messages that are due and not handed over are counted, by how long they have been."""

import pytest
from prometheus_client import REGISTRY

from attendance_runtime.clock import FixedClock
from attendance_runtime.waiting import Counts
from notification_service.sending.repository import OVERDUE
from notification_service.sending.use_cases import Desk, claim_due, send_due
from notification_testing.facts import Pupil, at, hear


async def overdue(desk: Desk) -> list[float | None]:
    """How many are overdue by a minute, five, and thirty."""
    await Counts(desk.database, desk.clock, [OVERDUE]).refresh()
    return [
        REGISTRY.get_sample_value("firstday_messages_overdue", {"longer_than": age})
        for age in ("1m", "5m", "30m")
    ]


@pytest.mark.parametrize(
    ("now", "counted"),
    [("08:20", [0, 0, 0]), ("08:22", [1, 0, 0]), ("08:26", [1, 1, 0]), ("08:51", [1, 1, 1])],
)
async def test_a_message_is_overdue_from_a_minute_after_it_was_due(
    desk: Desk, robin: Pupil, clock: FixedClock, now: str, counted: list[int]
) -> None:
    await hear(desk, robin.absent())  # due at 08:20, when the register has closed, and five minutes
    clock.set(at(now))

    assert await overdue(desk) == counted


async def test_one_that_a_sender_has_in_hand_is_still_overdue(
    desk: Desk, robin: Pupil, clock: FixedClock
) -> None:
    await hear(desk, robin.absent())
    clock.set(at("08:22"))
    await claim_due(desk)

    assert await overdue(desk) == [1, 0, 0]


async def test_one_that_was_handed_over_is_not(desk: Desk, robin: Pupil, clock: FixedClock) -> None:
    await hear(desk, robin.absent())
    clock.set(at("09:00"))
    await send_due(desk)

    assert await overdue(desk) == [0, 0, 0]
