"""Several runs as one: least, middle and most of every figure."""

from collections.abc import Sequence
from statistics import median
from typing import Any


def spread(runs: Sequence[Any]) -> Any:
    """Put the same figure of each run together; whatever is no number stands as in the last run."""
    last = runs[-1]
    if isinstance(last, dict):
        same = [run for run in runs if isinstance(run, dict)]
        return {
            name: spread([run[name] for run in same if name in run])
            for name in {name: None for run in same for name in run}
        }
    if isinstance(last, bool) or not isinstance(last, (int, float)):
        return last
    numbers = [run for run in runs if isinstance(run, (int, float))]
    return {"min": min(numbers), "median": median(numbers), "max": max(numbers)}
