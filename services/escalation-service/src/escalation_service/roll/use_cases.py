"""Keeping the copy of the roll."""

from collections.abc import Sequence
from operator import attrgetter

from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.database import SqlSession
from attendance_runtime.versions import newest
from escalation_service.roll import repository
from escalation_service.roll.repository import Kept


async def keep_enrolments(db: SqlSession, events: Sequence[EnrolmentChanged]) -> Kept:
    """Keep each enrolment's newest state; which have other dates, or another child, than before?"""
    latest = newest(events, attrgetter("enrolment_id"))
    return await repository.save_enrolments(db, list(latest.values()))
