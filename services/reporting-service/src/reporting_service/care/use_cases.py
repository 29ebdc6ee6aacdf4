"""Keeping the copy of care statuses, and who may see a child because of them."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.events import CareChanged
from attendance_runtime import access
from attendance_runtime.database import SqlSession
from reporting_service.care import repository


async def apply_care(
    session: SqlSession,
    events: Sequence[CareChanged],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep each child's newest statuses; an ended allocation closes the child at once."""
    newest = {event.child_id: event for event in events}
    kept = await repository.save_care(session, list(newest.values()))
    await access.apply_care(session, [newest[child_id] for child_id in sorted(kept)])
