"""Which care statuses count on a day."""

from collections.abc import Sequence
from datetime import date

from attendance_contracts.events import CareStatus


def valid_on(day: date, statuses: Sequence[CareStatus]) -> list[CareStatus]:
    """Return the statuses in force on a day, both ends included, in the order they came."""
    return [
        status
        for status in statuses
        if status.valid_from <= day and (status.valid_to is None or day <= status.valid_to)
    ]
