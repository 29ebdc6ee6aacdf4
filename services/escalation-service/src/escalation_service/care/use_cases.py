"""Who may see a child because of the child's care: this service keeps nothing else of it."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.events import CareChanged
from attendance_runtime.access import relations
from attendance_runtime.database import SqlSession


async def apply_care(
    db: SqlSession,
    events: Sequence[CareChanged],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep each child's responsible authority and worker; an ended allocation ends at once."""
    await relations.apply_care(db, events)
