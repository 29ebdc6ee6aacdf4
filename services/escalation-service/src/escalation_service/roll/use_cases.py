"""Keeping the copy of the roll, and deciding what waited for it."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.database import SqlSession
from attendance_runtime.versions import newest
from escalation_service.cases import repository as cases
from escalation_service.policies.domain import Policies
from escalation_service.roll import repository
from escalation_service.thresholds.use_cases import evaluate_enrolments


async def apply_enrolments(
    db: SqlSession, events: Sequence[EnrolmentChanged], *, policies: Policies, now: datetime
) -> None:
    """Keep each enrolment's newest state; its marks may have come before it.

    Two children who turned out to be one: cases go with their enrolments, so that whoever is
    responsible for the child reaches them.
    """
    latest = newest(events, attrgetter("enrolment_id"))
    kept = await repository.save_enrolments(db, list(latest.values()))
    if kept.other_child:
        await cases.follow_enrolments(db, kept.other_child)
    await evaluate_enrolments(db, kept.other_dates, policies=policies, now=now)
