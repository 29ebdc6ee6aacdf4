"""What was sent and what came back, counted over the whole run."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Answers by status, from every route and everybody; `seed` asks the same again."""

    seed: int = 0
    by_status: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        errors = sum(count for status, count in self.by_status.items() if status >= 500)
        statuses = ", ".join(
            f"{status}: {count}" for status, count in sorted(self.by_status.items())
        )
        return (
            f"{self.by_status.total()} requests answered, {errors} of them with 500 or above"
            f" ({statuses}); SEED={self.seed}"
        )
