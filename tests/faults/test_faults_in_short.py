"""The main job while parts of it break: nothing is lost, nothing is said twice.

The two-minute form of `make faults`: a fault of every kind, each followed by every check.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fault_run.every_fault import FAULTS
from fault_run.faults import Fault
from fault_run.rounds import Rounds, set_up

SEED = 2026


@pytest.fixture(scope="module")
async def rounds(platform: Any, stack_file: Path) -> AsyncIterator[Rounds]:
    """A town on the whole platform, and its days to come."""
    ready = await set_up(platform, stack_file, SEED)
    yield ready
    await ready.stage.client.close()


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if fault.short], ids=lambda fault: fault.name
)
async def test_nothing_is_lost_or_repeated_while(rounds: Rounds, fault: Fault) -> None:
    found = (await rounds.play(fault)).findings
    assert found.hold, "\n".join(found.amiss)
