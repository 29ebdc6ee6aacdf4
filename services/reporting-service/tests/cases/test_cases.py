"""A case ends the same, in whatever order and however often its events come."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.events import CaseAssigned, CaseClosed, CaseOpened
from attendance_runtime.database import SqlSession
from reporting_service.cases import repository
from reporting_service.cases.domain import CaseEvent, told
from reporting_service.cases.use_cases import apply_cases
from reporting_testing.facts import new_id

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
ENROLMENT, CHILD, SCHOOL = UUID(int=1), UUID(int=2), UUID(int=3)


def a_life(case_id: UUID) -> list[CaseEvent]:
    """Opened, assigned twice, closed."""

    def facts(hours: int) -> dict[str, object]:
        return {
            "case_id": case_id,
            "decision_id": UUID(int=4),
            "enrolment_id": ENROLMENT,
            "child_id": CHILD,
            "school_id": SCHOOL,
            "policy": "dudley",
            "rule": "ten-days-unauthorised",
            "recorded_at": NOW + timedelta(hours=hours),
        }

    return [
        CaseOpened(**facts(0)),  # type: ignore[arg-type] # one set of facts for three events
        CaseAssigned(**facts(1), assigned_to="officer-1"),  # type: ignore[arg-type] # as above
        CaseAssigned(**facts(2), assigned_to="officer-2"),  # type: ignore[arg-type] # as above
        CaseClosed(**facts(3), outcome="resolved"),  # type: ignore[arg-type] # as above
    ]


ORDERS = list(permutations(range(3)))


@given(st.permutations(a_life(UUID(int=9)) * 2))
def test_a_batch_in_any_order_tells_the_same_case(events: Sequence[CaseEvent]) -> None:
    (case,) = told(events)

    assert (case.opened_at, case.assigned_to) == (NOW, "officer-2")
    assert case.closed_at == NOW + timedelta(hours=3)


@pytest.mark.parametrize("order", ORDERS)
async def test_events_one_by_one_in_any_order_leave_the_last_assignee(
    db: SqlSession, order: tuple[int, ...]
) -> None:
    enrolment_events = a_life(new_id())[:3]

    for index in order:
        await apply_cases(db, [enrolment_events[index]], now=NOW)
        await apply_cases(db, [enrolment_events[index]], now=NOW)

    (case,) = (await repository.open_cases_of(db, [ENROLMENT]))[ENROLMENT]
    assert (case.opened_at, case.assigned_to) == (NOW, "officer-2")


async def test_a_late_opening_does_not_open_a_closed_case_again(db: SqlSession) -> None:
    opened, *_, closed = a_life(new_id())

    await apply_cases(db, [closed], now=NOW)
    await apply_cases(db, [opened], now=NOW)

    assert await repository.open_cases_of(db, [ENROLMENT]) == {}
