"""Keeping the copy of the roll, and for each child on it a year row that says what counts."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.calendar import london_date
from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.database import SqlSession
from reporting_service.projection import repository as projection
from reporting_service.projection.use_cases import figure_enrolments
from reporting_service.roll import repository
from reporting_service.roll.domain import year_to_seed


async def apply_enrolments(
    db: SqlSession, events: Sequence[EnrolmentChanged], *, now: datetime
) -> None:
    """Keep each enrolment's newest state; marks count from its first day on roll to its last.

    The year row is there before its marks. All rows are figured anew: the days may be others.
    """
    kept = await repository.ENROLMENTS.keep(db, events)
    enrolments = [one.enrolment_id for one in kept.newer]
    today = london_date(now)
    years = [year_to_seed(one.starts_on, one.ends_on, today) for one in kept.newer]
    await projection.add_years(db, enrolments, years)
    await figure_enrolments(db, enrolments, now=now)
