"""Thresholds: ask whom changes may concern, decide, and keep what was decided."""

from collections.abc import Collection
from datetime import datetime

from uuid_utils.compat import uuid7

from attendance_contracts.calendar import london_date
from attendance_runtime.database import SqlSession
from escalation_service.absences.domain import EnrolmentYear
from escalation_service.decisions import repository as taken
from escalation_service.decisions.domain import Decision
from escalation_service.policies.domain import Policies
from escalation_service.thresholds import domain, repository
from escalation_service.thresholds.domain import History


async def evaluate(
    db: SqlSession,
    touched: Collection[EnrolmentYear],
    *,
    lowered: Collection[EnrolmentYear] | None = None,
    policies: Policies,
    now: datetime,
) -> list[Decision]:
    """Decide what the policies say of these enrolments' years now.

    `lowered` are those in which less may count than before; all of them unless it is given.
    """
    if not touched:
        return []
    lowered = touched if lowered is None else lowered
    years = {year.school_year for year in touched}
    rules = domain.rules_in_force(policies, years, london_date(now))
    asked = await repository.whom_to_ask(db, touched, rules, lowered=lowered)
    histories = await repository.histories(db, asked) if asked else []
    decisions = [
        decision for history in histories for decision in _decisions(history, policies, now=now)
    ]
    if decisions:
        await taken.save_decisions(db, decisions)
    return decisions


def _decisions(history: History, policies: Policies, *, now: datetime) -> list[Decision]:
    year = history.record.calendar.school_year
    in_force = policies.for_year(history.authority, year, london_date(now))
    return domain.evaluate(in_force, history, now=now, new_id=uuid7)
