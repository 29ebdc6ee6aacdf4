"""Keeping the copy of the roll, and deciding what waited for it."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.copies import newest
from attendance_runtime.database import SqlSession
from escalation_service.policies.domain import Policies
from escalation_service.roll import repository
from escalation_service.thresholds.use_cases import evaluate_enrolments


async def apply_enrolments(
    session: SqlSession, events: Sequence[EnrolmentChanged], *, policies: Policies, now: datetime
) -> None:
    """Keep each enrolment's newest state; its marks may have come before it."""
    latest = newest(events, attrgetter("enrolment_id"))
    moved = await repository.save_enrolments(session, list(latest.values()))
    await evaluate_enrolments(session, moved, policies=policies, now=now)
