"""The consumer's budgets and sizes; the defaults are the measured ones, tests use shorter times."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """Times in the unit their name gives.

    Attributes:
        batch_records: the most records of one batch.
        poll_ms: how long we wait for records before we look around; one that comes ends the wait.
        fetch_wait_ms: how long a broker waits for records. Longer costs latency: a partition just
            emptied is asked for again only when the fetch under way is answered (ADR 19).
        gather_seconds: the longest pause after a batch, in which records gather for the next: a
            transaction costs the same for one event as for hundreds.
        gather_seconds_an_event: the pause for each event of the batch, so that a morning's events
            are hardly held up, and those of a flood share their transactions.
        session_timeout_seconds: silence after which the group gives our lanes to others; also how
            long a rebalance waits for us. Brokers accept no less than 6 by default.
        transaction_seconds: the most a batch may take in the database.
        retry_budget_seconds: how long transient trouble may last before the process ends.
        look_every_seconds: how often lag is measured and shown.
        stuck_seconds: lag without progress for this long is no life.
        rebuild_command: what somebody runs when a lane's offset is gone.
    """

    batch_records: int = 500
    poll_ms: int = 200
    fetch_wait_ms: int = 100
    gather_seconds: float = 0.04
    gather_seconds_an_event: float = 0.002
    session_timeout_seconds: float = 6.0
    transaction_seconds: float = 30.0
    retry_budget_seconds: float = 60.0
    look_every_seconds: float = 5.0
    stuck_seconds: float = 120.0
    rebuild_command: str = "python -m <service> rebuild"

    def gather_after(self, events: int) -> float:
        """Return how long to pause after a batch of so many events, in seconds."""
        return min(self.gather_seconds, events * self.gather_seconds_an_event)
