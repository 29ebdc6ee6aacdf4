"""Reading a social worker's caseload, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from attendance_contracts.calendar import (
    london_date,
    school_year,
    school_year_ends,
    school_year_starts,
)
from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import NotFound
from attendance_runtime.messaging.dead_letters import incomplete_keys
from reporting_service.care import repository as care
from reporting_service.care.domain import valid_on
from reporting_service.caseload import repository
from reporting_service.caseload.domain import (
    ChildFigures,
    EnrolmentFigures,
    figures,
    keys_behind,
    school_view,
)
from reporting_service.cases import repository as cases
from reporting_service.projection import repository as projection
from reporting_service.roll import repository as roll
from reporting_service.roll.domain import Enrolment
from reporting_service.schools import repository as schools
from reporting_service.schools.domain import years_in_view


@dataclass(frozen=True, slots=True)
class Page:
    """Some children of a caseload in order, and the last of them if there are more."""

    children: Sequence[ChildFigures]
    continues_after: UUID | None

    @property
    def enrolments(self) -> list[UUID]:
        """Every enrolment on the page."""
        return [one.enrolment.id for child in self.children for one in child.enrolments]


async def read_caseload(
    db: SqlSession, principal: Principal, worker: str, *, now: datetime, after: UUID, limit: int
) -> Page:
    """Read a worker's children after a given one, each with all figures of the school year.

    The reading goes to the access log. Raises `NotFound` for whoever is not that worker.
    """
    if principal.subject != worker:
        raise NotFound("There is nothing here that this token may see.")
    today = access.today(now)
    found = await repository.allocated_children(
        db, worker, today=today, after=after, limit=limit + 1
    )
    children = found[:limit]
    year = school_year(today)
    enrolments = await roll.enrolments_between(
        db, children, school_year_starts(year), school_year_ends(year)
    )
    statuses = await care.statuses_of(db, children)
    await access.log_read(db, principal, rights.CASELOAD_READ, children)
    by_child: dict[UUID, list[EnrolmentFigures]] = {child_id: [] for child_id in children}
    for one in await _figures(db, enrolments, now):
        by_child[one.enrolment.child_id].append(one)
    return Page(
        [
            ChildFigures(child_id, valid_on(today, statuses.get(child_id, ())), its_enrolments)
            for child_id, its_enrolments in by_child.items()
        ],
        children[-1] if len(found) > limit else None,
    )


async def _figures(
    db: SqlSession, enrolments: Sequence[Enrolment], now: datetime
) -> list[EnrolmentFigures]:
    today = london_date(now)
    in_view = years_in_view(today)
    ids = [enrolment.id for enrolment in enrolments]
    at = sorted({enrolment.school_id for enrolment in enrolments})
    known = await schools.schools_by_id(db, at)
    sessions = await schools.sessions_of(db, at, in_view)
    years = await projection.years_of(db, ids, in_view)
    open_cases = await cases.open_cases_of(db, ids)
    keys = set[str]().union(*(keys_behind(one, school_year(today)) for one in enrolments))
    incomplete = await incomplete_keys(db, keys)
    views = {key: school_view(key, known.get(key), sessions[key], now) for key in at}
    return [
        figures(
            one,
            views[one.school_id],
            years[one.id],
            open_cases=open_cases.get(one.id, ()),
            incomplete=incomplete,
        )
        for one in enrolments
    ]
