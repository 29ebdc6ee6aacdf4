"""Reading what an authority is shown of the schools in its area."""

from collections.abc import Sequence
from datetime import datetime

from attendance_contracts.calendar import school_year
from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.database import SqlSession
from attendance_runtime.messaging.dead_letters import incomplete_keys
from reporting_service.authorities.domain import SchoolAbsence, most_persistent_first
from reporting_service.projection import repository as projection
from reporting_service.schools import repository as schools
from reporting_service.schools.domain import event_keys


async def read_absence(
    db: SqlSession, principal: Principal, authority: str, *, now: datetime
) -> Sequence[SchoolAbsence]:
    """Read the school year so far of every school in the caller's own area.

    Raises `NotFound` for another authority's, one that does not exist included.
    """
    access.require_organisation(principal, f"authority:{authority}")
    today = access.today(now)
    year = school_year(today)
    area = await access.every_object_reached(db, principal, rights.ABSENCE_READ, today=today)
    known = await schools.schools_by_id(db, list(area))
    totals = await projection.totals_of(db, list(known), year)
    keys = set[str]().union(*(event_keys(school_id, year) for school_id in known))
    incomplete = await incomplete_keys(db, keys)
    return most_persistent_first(known, totals, year=year, incomplete=incomplete)
