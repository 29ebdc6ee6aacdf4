"""Whether somebody has to look for a child, and what is told of it.

The one home of "unexplained": the news of marks, the question before each hand-over and whatever
else asks, ask here.
"""

from register_service.absences.domain.news import Absence, Turn, absence_news
from register_service.absences.domain.standings import (
    NOT_GIVEN,
    Entry,
    Revision,
    Standing,
    days_moved,
    entries,
    standing,
    standings,
)

__all__ = [
    "NOT_GIVEN",
    "Absence",
    "Entry",
    "Revision",
    "Standing",
    "Turn",
    "absence_news",
    "days_moved",
    "entries",
    "standing",
    "standings",
]
