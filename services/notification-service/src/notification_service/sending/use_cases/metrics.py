"""What operators watch of the sending; labels never name a school, a child or a person."""

from collections.abc import Sequence
from typing import Final

from prometheus_client import Counter, Histogram

from attendance_runtime.clock import Clock
from notification_service.messages.domain import Claimed, StateAfter
from notification_service.purposes import rules_of

MARK_TO_MESSAGE: Final = Histogram(
    "firstday_mark_to_message_seconds",
    "Real seconds from when contact was due, or the mark arrived if later, to the hand-over",
    buckets=(0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300, 3600),
)
_CHANGES: Final = Counter(
    "firstday_message_changes", "What became of messages", ["kind", "state", "reason"]
)


def observe_handover(clock: Clock, claimed: Claimed) -> None:
    """Measure how long a message that somebody waits for was owed before the provider had it."""
    if rules_of(claimed).is_timed:
        MARK_TO_MESSAGE.observe(clock.elapsed_seconds(claimed.due_at))


def count_states(states: Sequence[StateAfter]) -> None:
    """Count what became of messages, by kind, state and reason."""
    for after in states:
        _CHANGES.labels(after.held.kind, after.state.value, after.reason or "").inc()
