"""Keeping the copy of the roll, and a year row ready for each child on it."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.calendar import london_date
from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.database import SqlSession
from reporting_service.projection import repository as projection
from reporting_service.roll import repository
from reporting_service.roll.domain import year_to_seed


async def apply_enrolments(
    session: SqlSession, events: Sequence[EnrolmentChanged], *, now: datetime
) -> None:
    """Keep each enrolment's newest state and seed its year row before the marks come."""
    newest = {event.enrolment_id: event for event in events}
    await repository.save_enrolments(session, list(newest.values()))
    today = london_date(now)
    years = [year_to_seed(event.starts_on, event.ends_on, today) for event in newest.values()]
    await projection.add_years(session, list(newest), years)
