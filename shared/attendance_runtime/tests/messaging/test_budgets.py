"""The pause after a batch: short after a few events, so that a flood alone shares transactions."""

import pytest

from attendance_runtime.messaging.budgets import ConsumerSettings


@pytest.mark.parametrize(
    ("events", "seconds"), [(1, 0.002), (6, 0.012), (20, 0.04), (21, 0.04), (500, 0.04)]
)
def test_the_pause_grows_with_the_batch_up_to_its_most(events: int, seconds: float) -> None:
    assert ConsumerSettings().gather_after(events) == pytest.approx(seconds)
