"""The school weeks in which tests play, each in one of its own."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

YEARS: Final = {
    2026: (date(2026, 9, 1), date(2027, 7, 20)),
    2027: (date(2027, 9, 1), date(2028, 7, 20)),
    2028: (date(2028, 9, 1), date(2029, 7, 20)),
}
"""First and last day of each school year."""


def school_weeks() -> Iterator[date]:
    """Yield the Mondays of school weeks, each later than the one before."""
    monday = date(2027, 1, 11)
    while True:
        friday = monday + timedelta(days=4)
        if any(first <= monday and friday <= last for first, last in YEARS.values()):
            yield monday
        monday += timedelta(weeks=1)
