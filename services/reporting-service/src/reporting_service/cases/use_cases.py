"""Keeping the copy of cases."""

from collections.abc import Sequence
from datetime import datetime

from attendance_runtime.database import SqlSession
from reporting_service.cases import repository
from reporting_service.cases.domain import CaseEvent, told


async def apply_cases(
    db: SqlSession,
    events: Sequence[CaseEvent],
    *,
    now: datetime,  # noqa: ARG001 - part of every consumer's use case
) -> None:
    """Keep what a batch says of cases."""
    await repository.save_cases(db, told(events))
