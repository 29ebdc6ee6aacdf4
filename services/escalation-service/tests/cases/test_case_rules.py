"""How a case opens, is assigned and closes."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from attendance_contracts.events import CaseAssigned, CaseClosed, CaseOpened
from escalation_service.cases import domain
from escalation_service.cases.domain import Case, Outcome, StepKind

NOW = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)


def a_case(*, worked_on: bool = False, assigned_to: str | None = None) -> Case:
    return Case(
        id=UUID(int=1),
        decision_id=UUID(int=2),
        enrolment_id=UUID(int=3),
        child_id=UUID(int=4),
        school_id=UUID(int=5),
        policy="dudley",
        rule="ten-days",
        opened_at=NOW,
        assigned_to=assigned_to,
        worked_on=worked_on,
    )


@pytest.mark.parametrize("by", [None, "officer-1"])
def test_a_person_who_assigns_has_worked_on_the_case_and_the_platform_has_not(
    by: str | None,
) -> None:
    transition = domain.assign(a_case(), "lead-7", by=by, now=NOW)
    assert transition.case.assigned_to == "lead-7"
    assert transition.case.worked_on == (by is not None)
    assert (transition.case.version, transition.step.version, transition.step.by) == (2, 2, by)


def test_a_case_that_nobody_worked_on_closes_with_its_threshold() -> None:
    transition = domain.withdraw_threshold(a_case(assigned_to="lead-7"), now=NOW)
    assert not transition.case.is_open
    assert transition.case.outcome is Outcome.THRESHOLD_WITHDRAWN
    assert transition.case.threshold_withdrawn_at == NOW


def test_a_case_that_somebody_worked_on_stays_open_and_shows_the_withdrawal() -> None:
    transition = domain.withdraw_threshold(a_case(worked_on=True), now=NOW)
    assert transition.case.is_open
    assert transition.case.threshold_withdrawn_at == NOW
    assert transition.step.kind is StepKind.THRESHOLD_WITHDRAWN
    assert domain.announcement(transition) is None


def test_closing_keeps_the_outcome_in_the_event_and_the_note_out_of_it() -> None:
    transition = domain.close(a_case(), Outcome.REFERRED, by="lead-7", note="said so", now=NOW)
    event = domain.announcement(transition)
    assert isinstance(event, CaseClosed)
    assert event.outcome == "referred"
    assert transition.step.note == "said so"
    assert "said so" not in repr(event)


def test_assigning_is_announced_with_the_person() -> None:
    event = domain.announcement(domain.assign(a_case(), "lead-7", by=None, now=NOW))
    assert isinstance(event, CaseAssigned)
    assert event.assigned_to == "lead-7"


def test_a_closed_case_keeps_whose_it_was() -> None:
    assigned = domain.assign(a_case(), "lead-7", by=None, now=NOW).case
    closed = domain.close(assigned, Outcome.RESOLVED, by="lead-7", now=NOW).case
    assert (closed.assigned_to, closed.version, closed.worked_on) == ("lead-7", 3, True)


def test_an_event_carries_the_ids_of_its_case() -> None:
    transition = domain.Transition(a_case(), domain.Step(version=1, kind=StepKind.OPENED, at=NOW))
    event = domain.announcement(transition)
    assert isinstance(event, CaseOpened)
    assert (event.case_id, event.decision_id) == (UUID(int=1), UUID(int=2))
